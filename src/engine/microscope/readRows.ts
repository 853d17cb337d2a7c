import { fail } from "../../contract/errors";
import type { Intervention, Read, Site } from "../../contract/sites";
import type { Token } from "../../contract/token";
import type { EditUse, State } from "../../contract/verbs";
import type { Lab } from "./lab";

export interface RowsRequest {
  tokens: readonly Token[];
  /** Absolute positions. */
  positions: number[];
  reads: Omit<Read, "positions">[];
  interventions?: Intervention[];
  edits?: EditUse[];
  signal: AbortSignal;
}

export interface Rows {
  /** Throws `internal` where a read was not asked for. */
  get(site: Site, layer?: number): State;
}

/** The states of a few positions of one prompt, each read as one state whatever the chunks it came in. */
export async function readRows(lab: Lab, request: RowsRequest): Promise<Rows> {
  const parts = new Map<string, State[]>();
  await lab.pass({
    sequences: [request.tokens.map(({ id }) => id)],
    reads: request.reads.map((read) => ({ ...read, positions: request.positions })),
    interventions: request.interventions,
    edits: request.edits,
    signal: request.signal,
    onChunk: ({ states }) => {
      for (const state of states) {
        if (state.positions.length === 0) continue;
        const key = keyOf(state.site, state.layer);
        parts.set(key, [...(parts.get(key) ?? []), state]);
      }
    },
  });
  return {
    get(site, layer) {
      const found = parts.get(keyOf(site, layer));
      if (!found) fail("internal", `The state ${keyOf(site, layer)} was not handed over.`);
      return found.length === 1 ? found[0]! : joined(found);
    },
  };
}

const keyOf = (site: Site, layer?: number) => (layer === undefined ? site : `${site}-${layer}`);

function joined(states: State[]): State {
  const first = states[0]!;
  const data = new Float32Array(states.reduce((sum, state) => sum + state.data.length, 0));
  let at = 0;
  for (const state of states) {
    data.set(state.data, at);
    at += state.data.length;
  }
  const experts = first.experts && Int32Array.from(states.flatMap((state) => [...(state.experts ?? [])]));
  return { ...first, positions: states.flatMap((state) => state.positions), data, experts };
}
