/**
 * How much KL a tuned lens takes away, layer by layer, on text it was not fitted on.
 * `node scripts/ts.mjs bench/tunedLens.ts [--model FILE] [--texts FOLDER]`
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { tunedLensFit } from "../src/engine/microscope/tunedLens";
import { milliseconds, withModel } from "./lib/lab";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: path.join("specimen", "specimen.gguf") },
    texts: { type: "string", default: path.join("src", "agent") },
    extension: { type: "string", default: ".ts" },
    ridge: { type: "string", default: "0.01" },
    most: { type: "string", default: "60000" },
  },
});

const texts = textsOf(options.texts, options.extension, Number(options.most));
const out = path.join(os.tmpdir(), `tuned-${process.pid}.safetensors`);
const report = await withModel(options.model, { threads: 1 }, async (lab) => {
  let fitted: Awaited<ReturnType<typeof tunedLensFit>> | undefined;
  const time = await milliseconds(async () => {
    fitted = await tunedLensFit(
      lab,
      { texts, ridge: Number(options.ridge), out },
      { signal: new AbortController().signal, progress: () => undefined },
    );
  });
  const { tokens, layers } = fitted!;
  return {
    bench: "tunedLens",
    model: path.basename(options.model),
    texts: `${options.texts}/**/*${options.extension}`,
    ridge: Number(options.ridge),
    tokens,
    seconds: { wall: time.wall / 1000, cpu: time.cpu / 1000 },
    layers: layers.map(({ layer, plain, tuned }) => ({ layer, plain, tuned, removed: 1 - tuned / plain })),
  };
});
mkdirSync("bench/results", { recursive: true });
writeFileSync("bench/results/tunedLens.json", `${JSON.stringify(report, null, 2)}\n`);
console.log(JSON.stringify(report, null, 2));

/** Files of a folder, up to so many characters, in the order of their names. */
function textsOf(folder: string, extension: string, most: number): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .sort();
  const found: string[] = [];
  let size = 0;
  for (const name of files) {
    if (size >= most) break;
    const text = readFileSync(path.join(folder, name), "utf8");
    found.push(text);
    size += text.length;
  }
  return found;
}
