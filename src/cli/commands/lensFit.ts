import path from "node:path";
import type { TunedLensFitResult } from "../../contract/instruments";
import { readTexts } from "../corpus";
import type { Command } from "../command";
import { table } from "../output";

export const lensFit: Command = {
  name: "lens-fit",
  summary: "fit a tuned lens on text: an affine translator a layer",
  usage: "--corpus FILE|DIR --out FILE",
  options: {
    corpus: { type: "string", help: "text to fit on", value: "FILE|DIR" },
    ridge: { type: "string", help: "ridge penalty relative to the mean eigenvalue (0.01)", value: "X" },
    out: { type: "string", help: "where the lens is written", value: "FILE" },
  },
  async run(context) {
    const { options } = context;
    const out = path.resolve(options.required("out"));
    const texts = (await readTexts(options.required("corpus"))).map(({ text }) => text);
    const { caller } = await context.engine();
    return caller.call(
      "tunedLensFit",
      { texts, ridge: options.number("ridge") ?? 0.01, out },
      { signal: context.signal, onProgress: ({ done, total, message }) => context.progress(done, total, message) },
    );
  },
  table(result: TunedLensFitResult) {
    const rows = result.layers.map(({ layer, plain, tuned }) => [
      layer,
      plain,
      tuned,
      `${Math.round(100 * (1 - tuned / plain))} %`,
    ]);
    return `${table(["layer", "KL plain (nats)", "KL tuned (nats)", "removed"], rows)}\n\n${result.tokens} tokens -> ${result.file}`;
  },
};
