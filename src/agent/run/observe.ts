import type { ToolSpec } from "../../contract/chat";
import type { RunState } from "./state";

/** Puts what the user said meanwhile after the last step. */
export async function takeSteering(run: RunState): Promise<void> {
  for (const text of run.waiting.splice(0)) {
    const last = run.turns.at(-1);
    if (last) last.after.push(text);
    else run.turns.push({ step: 0, said: "", calls: [], results: [], after: [text] });
    await run.recorder.emit({ type: "note", step: last?.step ?? 0, kind: "steer", text });
  }
}

/** Reads the memory for this step; told only when it gave something else than before. */
export async function remember(run: RunState, step: number): Promise<void> {
  const { memory } = run.ports;
  if (!memory || run.params.mode === "plan") return;
  const seen = run.turns.at(-1)?.results.at(-1)?.text;
  const found = await memory.read(
    { goal: run.params.goal, limit: 5, run: run.id, ...(seen === undefined ? {} : { seen: seen.slice(0, 2_000) }) },
    run.abort.signal,
  );
  const texts = found.map(({ text }) => text);
  if (texts.length === 0 || texts.join("\n") === run.memories.join("\n")) return;
  run.memories = texts;
  await run.recorder.emit({ type: "read", step, memories: found });
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
