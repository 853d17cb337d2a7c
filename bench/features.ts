/**
 * A sparse auto-encoder of a middle layer of the specimen, with its time against that of its bare products:
 * `node scripts/ts.mjs bench/features.ts [--model FILE] [--layer L] [--kind topk] [--features N] [--k N] [--rows N]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { FeatureKind } from "../src/contract/acting";
import { ownProducts } from "../src/engine/microscope/features/ggmlProducts";
import { trainFeatures } from "../src/engine/microscope/features/train";
import { corpusTexts } from "./lib/acting";
import { withModel } from "./lib/lab";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "specimen/specimen.gguf" },
    layer: { type: "string" },
    kind: { type: "string", default: "topk" },
    features: { type: "string", default: "2048" },
    k: { type: "string", default: "24" },
    lambda: { type: "string" },
    rows: { type: "string", default: "1000000" },
    texts: { type: "string", default: "2000" },
    threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
  },
});
const folder = mkdtempSync(path.join(tmpdir(), "vitrine-bench-"));
try {
  const result = await withModel(options.model, { threads: 1, context: 512 }, (lab, session) =>
    trainFeatures(
      lab,
      {
        texts: corpusTexts(Number(options.texts), 7),
        site: "resid_post",
        layer: options.layer === undefined ? Math.floor(lab.info.layers / 2) : Number(options.layer),
        kind: options.kind as FeatureKind,
        features: Number(options.features),
        k: Number(options.k),
        rows: Number(options.rows),
        ...(options.lambda === undefined ? {} : { lambda: Number(options.lambda) }),
        out: path.join(folder, "sae"),
      },
      {
        signal: new AbortController().signal,
        progress: ({ step, steps, explainedVariance, l0, dead, seconds }) =>
          process.stderr.write(
            `\r${step}/${steps} EV ${explainedVariance.toFixed(3)} L0 ${l0.toFixed(1)} dead ${dead} ${seconds.toFixed(0)} s   `,
          ),
        products: (shape) => ownProducts(session.door, true, shape, () => Number(options.threads)),
      },
    ),
  );
  process.stderr.write("\n");
  console.log(JSON.stringify({ ...result, folder: undefined }, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}
