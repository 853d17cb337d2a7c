/**
 * The agent's figures with scripted brains:
 *   node scripts/ts.mjs bench/agent.ts [--tasks 60] [--model FILE.gguf]
 * - a stream of tasks of 12 families, solved with tools that are kept, with a tool made anew for each, and in words:
 *   tokens (written; computed, which leaves out what the cache has of the prompt; all), success, size of the toolbox;
 * - the start of a forged tool's call in a warm sandbox;
 * - with --model, calls under the grammar in llama.cpp on that model and on a copy of it with shuffled weights: how many
 *   are valid.
 * Tokens of scripted brains are counted as a quarter of the characters, in both ways of solving alike.
 */
import { validCalls } from "./agentTasks/validCalls";
import { runStream, type StreamResult } from "./agentTasks/stream";
import { startTimes } from "./agentTasks/startTimes";

const args = process.argv.slice(2);
const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);

const tasks = Number(option("--tasks") ?? 60);
const words = await runStream(tasks, "words");
const each = await runStream(tasks, "each");
const kept = await runStream(tasks, "kept");
const round = (value: number): number => Math.round(value * 1000) / 1000;
const against = (other: StreamResult) => ({
  written: round(kept.written / other.written),
  computed: round(kept.computed / other.computed),
  all: round(kept.all / other.all),
});
const ratio = { toToolEachTime: against(each), toWords: against(words) };
const model = option("--model");
const result = {
  stream: { tasks, words, each, kept, ratio, toolsAFamily: round(kept.tools / 12) },
  start: await startTimes(200),
  ...(model ? { calls: await validCalls(model) } : {}),
};
console.log(JSON.stringify(result, null, 2));
const bad = [
  ...(kept.solved < Math.max(words.solved, each.solved) ? ["fewer tasks are solved with forging"] : []),
  ...(ratio.toToolEachTime.computed > 0.6
    ? [`forging costs ${ratio.toToolEachTime.computed} of a tool each time`]
    : []),
  ...(ratio.toWords.written > 0.6 ? [`forging writes ${ratio.toWords.written} of the words`] : []),
  ...(kept.tools / 12 > 1.5 ? ["the toolbox is too large"] : []),
  ...(result.calls?.some(({ valid, of }) => valid < of) ? ["a constrained call is not valid"] : []),
];
for (const line of bad) console.error(line);
process.exit(bad.length > 0 ? 1 : 0);
