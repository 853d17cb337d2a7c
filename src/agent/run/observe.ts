import type { ToolSpec } from "../../contract/chat";
import { errorData } from "../../contract/errors";
import type { RunState } from "./state";

/** Puts what the user said meanwhile after the last step. */
export async function takeSteering(run: RunState): Promise<void> {
  const said = [...run.waiting];
  for (const text of run.waiting.splice(0)) {
    const last = run.turns.at(-1);
    if (last) last.after.push(text);
    else run.turns.push({ step: 0, said: "", calls: [], results: [], after: [text] });
    await run.recorder.emit({ type: "note", step: last?.step ?? 0, kind: "steer", text });
  }
  if (said.length > 0) await write(run, run.spent.steps, { said });
}

/** Reads the memory for this step; told only when it gave something else than before. */
export async function remember(run: RunState, step: number): Promise<void> {
  const { memory } = run.ports;
  if (!memory || run.params.mode === "plan") return;
  const seen = run.turns.at(-1)?.results.at(-1)?.text;
  const found = await orNothing(run, step, () =>
    memory.read(
      { goal: run.params.goal, limit: 5, run: run.id, ...(seen === undefined ? {} : { seen: seen.slice(0, 2_000) }) },
      run.abort.signal,
    ),
  );
  // What is read from outside by way of the memory is from outside still.
  for (const { taint } of found) if (taint !== undefined) run.ports.taint.note(run.id, "tool");
  const texts = found.map(({ text }) => text);
  if (texts.length === 0 || texts.join("\n") === run.memories.join("\n")) return;
  run.memories = texts;
  await run.recorder.emit({ type: "read", step, memories: found });
}

/** Lets the memory judge what the user said meanwhile, or at the end the whole run. Most often nothing is kept. */
export async function write(run: RunState, step: number, about: { said: string[]; answer?: string }): Promise<void> {
  const { memory } = run.ports;
  if (!memory?.observe || run.params.mode === "plan" || run.abort.signal.aborted) return;
  const { goal } = run.params;
  const taint = run.ports.taint.of(run.id);
  const { said, answer } = about;
  const end = answer === undefined ? {} : { end: { reached: true, answer, calls: [...run.recent].reverse() } };
  const wrote = await orNothing(run, step, () =>
    Promise.resolve(
      memory.observe?.(
        {
          run: run.id,
          step,
          goal,
          ...(said.length > 0 ? { user: said.join("\n") } : {}),
          ...(taint === undefined ? {} : { taint }),
          ...end,
        },
        run.abort.signal,
      ) ?? [],
    ),
  );
  for (const { text, id, kept, why } of wrote) {
    await run.recorder.emit({ type: "write", step, text, kept, why, ...(id === undefined ? {} : { id }) });
  }
}

/** A memory that cannot be read or written costs the run nothing but the memory. */
async function orNothing<T>(run: RunState, step: number, work: () => Promise<T[]>): Promise<T[]> {
  try {
    return await work();
  } catch (error) {
    if (run.abort.signal.aborted) throw error;
    await run.recorder.emit({ type: "note", step, kind: "memory", text: errorData(error).message });
    return [];
  }
}

/** The tools that this step may call. */
export async function offer(run: RunState, step: number): Promise<ToolSpec[]> {
  if (run.params.mode === "chat") return [];
  const { selector, brain, registry } = run.ports;
  const seen = run.turns.at(-1)?.results.at(-1)?.text;
  const picked = await selector.pick({
    run: run.id,
    goal: run.params.goal,
    recent: [...new Set(run.recent)].slice(0, 4),
    budget: Math.floor(run.room() * 0.4),
    count: (text) => brain.count(text),
    ...(seen === undefined ? {} : { seen: seen.slice(0, 1_000) }),
  });
  const names = picked.tools.map(({ name }) => name);
  await run.recorder.emit({
    type: "tools",
    step,
    names,
    because: picked.because,
    of: registry.all().length,
    ms: picked.ms,
  });
  return picked.tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
}
