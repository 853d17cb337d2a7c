import { describe, expect, it } from "vitest";
import type { FeatureKind } from "../../../../../src/contract/acting";
import { adamStep, momentsFor } from "../../../../../src/engine/microscope/features/adam";
import {
  freshGradients,
  freshParameters,
  normaliseDecoder,
  trained,
  type Parameters,
} from "../../../../../src/engine/microscope/features/parameters";
import { plainProducts } from "../../../../../src/engine/microscope/features/products";
import { activate, topIndices, type Sae } from "../../../../../src/engine/microscope/features/sae";
import { lossAndGradients, Workspace } from "../../../../../src/engine/microscope/features/step";
import { normalNumbers } from "../../../../../src/engine/microscope/patching/random";

const shape = { width: 6, features: 10, k: 3 };
const batch = 8;

function setUp(kind: FeatureKind) {
  const next = normalNumbers(5);
  const x = Float32Array.from({ length: batch * shape.width }, () => 2 * next());
  const p = freshParameters({ ...shape, kind }, new Float32Array(shape.width), 3);
  // Away from the symmetric start, and thresholds that matter.
  for (const name of ["encoder", "encoderBias", "decoderBias"] as const)
    p[name].forEach((v, i) => (p[name][i] = v + 0.1 * next()));
  if (kind === "jumprelu") p.logThreshold.fill(Math.log(0.4));
  return { x, p };
}

function run(p: Parameters, x: Float32Array, lambda: number) {
  const gradients = freshGradients(p);
  const work = new Workspace(batch, p.width, p.features, p.kind !== "topk");
  const fired = new Uint8Array(p.features);
  const measures = lossAndGradients(p, x, work, plainProducts({ batch, ...p }), { lambda }, gradients, fired);
  return { measures, gradients, fired };
}

describe.each(["l1", "topk", "jumprelu"] as const)("the gradients of %s", (kind) => {
  it("are those of its loss", () => {
    const { x, p } = setUp(kind);
    // The jump's own penalty has no gradient but by its stand-in, so it is left out here.
    const lambda = kind === "l1" ? 0.05 : 0;
    const { gradients } = run(p, x, lambda);
    const h = 1e-3;
    for (const name of trained.filter((each) => each !== "logThreshold")) {
      const largest = Math.max(...gradients[name].map(Math.abs));
      for (let i = 0; i < p[name].length; i += 3) {
        const saved = p[name][i]!;
        p[name][i] = saved + h;
        const above = run(p, x, lambda).measures;
        p[name][i] = saved - h;
        const below = run(p, x, lambda).measures;
        p[name][i] = saved;
        if (above.l0 !== below.l0) continue; // a kink lies between
        const slope = (above.loss - below.loss) / (2 * h);
        expect(Math.abs(gradients[name][i]! - slope), `${name}[${i}]`).toBeLessThan(0.02 * largest + 2e-4);
      }
    }
  });
});

it("raises thresholds where sparsity is asked and nothing else", () => {
  const { x, p } = setUp("jumprelu");
  const { gradients } = run(p, x, 1);
  const plain = run(p, x, 0).gradients;
  // The penalty's own part pushes every threshold near which an activation lies upwards.
  const own = gradients.logThreshold.map((value, f) => value - plain.logThreshold[f]!);
  expect(Math.max(...own)).toBeLessThanOrEqual(0);
});

it("learns a dictionary that made the data", () => {
  const next = normalNumbers(1);
  const truth = Array.from({ length: 8 }, () => {
    const row = Float32Array.from({ length: 16 }, next);
    const size = Math.hypot(...row);
    return row.map((v) => v / size);
  });
  const uniform = () => Math.abs(next());
  const sample = () => {
    const x = new Float32Array(64 * 16);
    for (let r = 0; r < 64; r++) {
      for (let j = 0; j < 2; j++) {
        const row = truth[Math.floor(Math.abs(next() * 1000)) % 8]!;
        const by = 2 + uniform();
        for (let i = 0; i < 16; i++) x[r * 16 + i]! += by * row[i]!;
      }
    }
    return x;
  };
  const p = freshParameters({ kind: "topk", width: 16, features: 24, k: 3 }, new Float32Array(16), 2);
  const work = new Workspace(64, 16, 24, false);
  const products = plainProducts({ batch: 64, width: 16, features: 24 });
  const gradients = freshGradients(p);
  const moments = Object.fromEntries(trained.map((name) => [name, momentsFor(p[name].length)]));
  let last = { squaredError: 1, variance: 1 };
  for (let step = 1; step <= 800; step++) {
    last = lossAndGradients(p, sample(), work, products, { lambda: 0 }, gradients, new Uint8Array(24));
    for (const name of trained) adamStep(p[name], gradients[name], moments[name]!, step, 5e-3);
    normaliseDecoder(p);
  }
  expect(1 - last.squaredError / last.variance).toBeGreaterThan(0.95);
  const closest = truth.map((row) =>
    Math.max(...Array.from({ length: 24 }, (_, f) => row.reduce((sum, v, i) => sum + v * p.decoder[f * 16 + i]!, 0))),
  );
  expect(closest.filter((cosine) => cosine > 0.9).length).toBeGreaterThanOrEqual(6);
});

describe("activations", () => {
  it("keep the greatest of a row, whatever their order", () => {
    const next = normalNumbers(9);
    for (const k of [1, 5, 63, 64, 90]) {
      const row = Float32Array.from({ length: 200 }, next);
      const wanted = Array.from(row.keys())
        .sort((a, b) => row[b]! - row[a]!)
        .slice(0, k);
      expect(new Set(topIndices(row, k))).toEqual(new Set(wanted));
    }
  });

  it("follow each kind", () => {
    const pre = () => Float32Array.of(0.5, -1, 2, 0.1);
    const after = (sae: Pick<Sae, "kind" | "features" | "k" | "threshold">) => {
      const values = pre();
      activate(sae, values, 1);
      return Array.from(values, (v) => Number(v.toFixed(3)));
    };
    expect(after({ kind: "l1", features: 4 })).toEqual([0.5, 0, 2, 0.1]);
    expect(after({ kind: "topk", features: 4, k: 1 })).toEqual([0, 0, 2, 0]);
    expect(after({ kind: "jumprelu", features: 4, threshold: Float32Array.of(1, 0, 0, 0.2) })).toEqual([0, 0, 2, 0]);
  });
});
