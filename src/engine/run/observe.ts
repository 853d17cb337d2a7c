import { fail } from "../../contract/errors";
import type { Fraction } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { ObserveParams, ObserveResult, Observed, State } from "../../contract/verbs";
import { runPass } from "./pass";
import { renderInput } from "./render";
import type { Session } from "./session";

/** Everything asked of the sequences at once, as house.md's `observe`. */
export async function observe(
  session: Session,
  params: ObserveParams,
  call: CallContext<Fraction>,
): Promise<ObserveResult> {
  const { reads, interventions, edits, logits } = params;
  if (params.sequences.length === 0) fail("badArgument", "There is no sequence to observe.");
  const tokens = params.sequences.map((input) => [...renderInput(session.model, input, {}).ids]);
  const total = tokens.reduce((sum, { length }) => sum + length, 0);
  const kept = tokens.map(() => ({
    states: reads.map((): State[] => []),
    logits: [] as NonNullable<Observed["logits"]>[],
  }));
  let done = 0;
  await runPass(session, {
    sequences: tokens,
    reads,
    ...(interventions ? { interventions } : {}),
    ...(edits ? { edits } : {}),
    ...(logits ? { logits } : {}),
    signal: call.signal,
    onPart: (part) => {
      const into = kept[part.sequence]!;
      part.states.forEach((state, index) => into.states[index]!.push(state));
      if (part.logits) into.logits.push(part.logits);
      done += part.count;
      call.progress({ done, total });
    },
  });
  return {
    sequences: kept.map((parts, index) => {
      const observed: Observed = {
        tokens: tokens[index]!.map((id) => session.model.vocabulary.token(id)),
        states: parts.states.map((each) => joinStates(each, session.model.heads)),
      };
      if (parts.logits.length > 0) {
        observed.logits = {
          positions: parts.logits.flatMap(({ positions }) => positions),
          data: joinFloats(parts.logits.map(({ data }) => data)),
        };
      }
      return observed;
    }),
  };
}

/** States of consecutive chunks as one. Patterns are [heads, queries, keys]: their heads are interleaved again. */
function joinStates(parts: State[], heads: number): State {
  const [first] = parts as [State, ...State[]];
  if (parts.length === 1) return first;
  const positions = parts.flatMap((part) => part.positions);
  const state: State = { ...first, positions, data: joinFloats(parts.map(({ data }) => data)) };
  if (first.site === "pattern") state.data = joinPatterns(parts, heads, positions.length);
  if (first.experts) {
    const joined = new Int32Array(parts.reduce((sum, { experts }) => sum + (experts?.length ?? 0), 0));
    let at = 0;
    for (const { experts } of parts) {
      joined.set(experts ?? [], at);
      at += experts?.length ?? 0;
    }
    state.experts = joined;
  }
  return state;
}

function joinPatterns(parts: State[], heads: number, queries: number): Float32Array {
  const { width } = parts[0]!;
  const data = new Float32Array(heads * queries * width);
  let row = 0;
  for (const part of parts) {
    const size = part.positions.length * width;
    for (let head = 0; head < heads; head++) {
      data.set(part.data.subarray(head * size, (head + 1) * size), (head * queries + row) * width);
    }
    row += part.positions.length;
  }
  return data;
}

function joinFloats(parts: Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
