/**
 * Editing facts of the specimen's world, each alone: `node scripts/ts.mjs bench/edits.ts --method neurons|rank-one [--model FILE] [--facts N] [--seed N]`
 */
import { parseArgs } from "node:util";
import type { EditMethod } from "../src/contract/acting";
import { benchEdits } from "../src/engine/microscope/edits/bench";
import { factsToEdit } from "./lib/acting";
import { withModel } from "./lib/lab";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "specimen/specimen.gguf" },
    method: { type: "string", default: "rank-one" },
    facts: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
  },
});
// Stopped early, it prints what was measured until then, said to be partial.
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
const run = {
  signal: stop.signal,
  progress: (done: number, total: number, message: string) =>
    process.stderr.write(`\r${message} ${done}/${total}      `),
};
const facts = factsToEdit(Number(options.facts), Number(options.seed));
const method: EditMethod = options.method === "neurons" ? "neurons" : "rank-one";
const result = await withModel(options.model, { threads: 1, context: 512 }, (lab) =>
  benchEdits(lab, { facts, method }, run),
);
process.stderr.write("\n");
console.log(JSON.stringify(result, null, 2));
