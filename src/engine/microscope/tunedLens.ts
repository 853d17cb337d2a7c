import { fail } from "../../contract/errors";
import type { Fraction, TunedLensFitParams, TunedLensFitResult } from "../../contract/instruments";
import type { CallContext } from "../../contract/method";
import type { Read } from "../../contract/sites";
import { finalNormOf, normRows, type FinalNorm } from "./finalNorm";
import { applyAffine, saveTunedLens, type TunedLens } from "./files/tunedLensFile";
import type { Lab, StatePart } from "./lab";
import { addRows, regressionSums, solveRidge, type Affine, type Gram, type RegressionSums } from "./maths/ridge";
import { rms } from "./maths/vectors";
import { checkpoint } from "./probe";

/** Every so many-th text is held out. */
const holdOut = 5;
/** Bytes of sums held at once; more layers than fit are fitted in further passes over the text. */
const sumsBudget = 1 << 29;
/** Held-out positions measured, at most: each is unembedded three times a layer. */
const measuredAtMost = 2048;
const rowsAtOnce = 256;
const rowsAProduct = 512;

/**
 * Fits an affine translator a layer (Belrose et al. 2023) by ridge regression in closed form from each layer's residual to
 * the last one's, both divided by their root mean square since the last norm does so anyway, on four fifths of the texts.
 * On the rest it measures the mean KL(model || lens) in nats, before and after. Memory is bounded by `sumsBudget`.
 */
export async function tunedLensFit(
  lab: Lab,
  params: TunedLensFitParams,
  context: CallContext<Fraction>,
): Promise<TunedLensFitResult> {
  if (!(params.ridge >= 0) || !Number.isFinite(params.ridge)) fail("badArgument", "The ridge must be a number from 0.");
  const sequences = textWindows(lab, params.texts);
  const held = sequences.filter((_, i) => i % holdOut === holdOut - 1);
  const train = sequences.filter((_, i) => i % holdOut !== holdOut - 1);
  const tokens = train.reduce((sum, ids) => sum + ids.length, 0);
  const width = lab.info.embedding;
  if (held.length === 0 || tokens < width)
    fail(
      "badArgument",
      `A tuned lens needs at least five texts and ${width} tokens; there are ${tokens} tokens to fit on.`,
      {
        remedy: "Give more text.",
      },
    );

  const wanted = Array.from({ length: lab.info.layers }, (_, i) => i - 1);
  const lens: TunedLens = { width, layers: new Map() };
  const perPass = Math.max(1, Math.floor(sumsBudget / (16 * width * width)));
  const passes = Math.ceil(wanted.length / perPass);
  const total = passes * tokens + held.reduce((sum, ids) => sum + ids.length, 0);
  let done = 0;
  const tick = (count: number, message: string) => context.progress({ done: (done += count), total, message });

  for (let first = 0; first < wanted.length; first += perPass) {
    const layers = wanted.slice(first, first + perPass);
    const sums = layers.map(() => regressionSums(width, width));
    const store = new RowStore(sums, (a, b, rows) => lab.gram(a, b, rows));
    await lab.pass({
      sequences: train,
      reads: layerReads(layers, lab.info.layers),
      signal: context.signal,
      onChunk: async (part) => {
        await store.add(part);
        tick(part.count, "fitting");
      },
    });
    await store.flush();
    for (const [i, layer] of layers.entries()) {
      checkpoint(context.signal);
      lens.layers.set(layer, solveRidge(sums[i]!, params.ridge));
    }
  }
  const measured = await measure(lab, lens, held, context.signal, (count) => tick(count, "measuring"));
  saveTunedLens(params.out, lens, lab.info, tokens);
  return { file: params.out, tokens, layers: measured };
}

/** Texts as token windows of at most half the context, so that long files count as several texts. */
function textWindows(lab: Lab, texts: string[]): number[][] {
  const size = Math.max(2, Math.min(512, Math.floor(lab.info.context / 2)));
  return texts.flatMap((text) => {
    const ids = lab.tokenize(text, false).map(({ id }) => id);
    const out: number[][] = [];
    for (let from = 0; from < ids.length; from += size) out.push(ids.slice(from, from + size));
    return out.filter((window) => window.length > 1);
  });
}

/** Last, the state all others are led to. */
const layerReads = (layers: number[], count: number): Read[] => [
  ...layers.map((layer): Read =>
    layer < 0 ? { site: "embed", positions: "all" } : { site: "resid_post", layer, positions: "all" },
  ),
  { site: "resid_post", layer: count - 1, positions: "all" },
];

/** Collects rows until there are enough for one product. */
class RowStore {
  private readonly parts: Float32Array[][];
  private rows = 0;

  constructor(
    private readonly sums: RegressionSums[],
    private readonly gram: Gram,
  ) {
    this.parts = Array.from({ length: sums.length + 1 }, () => []);
  }

  async add({ states, count }: StatePart): Promise<void> {
    const width = this.sums[0]!.inputs;
    this.parts.forEach((list, i) => list.push(unitRows(states[i]!.data, width)));
    this.rows += count;
    if (this.rows >= rowsAProduct) await this.flush();
  }

  async flush(): Promise<void> {
    const { rows } = this;
    if (rows === 0) return;
    const taken = this.parts.map((list) => joined(list.splice(0)));
    this.rows = 0;
    const target = taken[this.sums.length]!;
    for (const [i, sum] of this.sums.entries()) await addRows(sum, taken[i]!, target, rows, this.gram);
  }
}

function joined(parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function unitRows(rows: Float32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += width) {
    const scale = 1 / rms(rows.subarray(from, from + width), 0);
    for (let i = from; i < from + width; i++) out[i] = rows[i]! * scale;
  }
  return out;
}

async function measure(
  lab: Lab,
  lens: TunedLens,
  held: number[][],
  signal: AbortSignal,
  tick: (count: number) => void,
): Promise<TunedLensFitResult["layers"]> {
  const layers = [...lens.layers.keys()];
  const norm = finalNormOf(lab);
  const sums = layers.map(() => ({ plain: 0, tuned: 0 }));
  let positions = 0;
  await lab.pass({
    sequences: held,
    reads: [...layerReads(layers, lab.info.layers), { site: "final_norm", positions: "all" }],
    signal,
    onChunk: async ({ count, states }) => {
      for (let at = 0; at < count && positions < measuredAtMost; at += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, count - at);
        const piece = (i: number) => states[i]!.data.subarray(at * lens.width, (at + rows) * lens.width);
        const output = piece(layers.length + 1);
        for (const [i, layer] of layers.entries()) {
          const kl = await lensKl(lab, norm, piece(i), lens.layers.get(layer)!, output, rows);
          sums[i]!.plain += kl.plain;
          sums[i]!.tuned += kl.tuned;
        }
        positions += rows;
      }
      tick(count);
    },
  });
  return layers
    .map((layer, i) => ({ layer, plain: sums[i]!.plain / positions, tuned: sums[i]!.tuned / positions }))
    .filter(({ layer }) => layer >= 0);
}

/** Sums of KL(model || lens) over rows, of the plain lens and the tuned. */
async function lensKl(
  lab: Lab,
  norm: FinalNorm,
  states: Float32Array,
  affine: Affine,
  output: Float32Array,
  rows: number,
): Promise<{ plain: number; tuned: number }> {
  const width = norm.weight.length;
  const vectors = new Float32Array(3 * rows * width);
  normRows(states, norm, vectors, 0);
  normRows(applyAffine(affine, states, width), norm, vectors, rows);
  vectors.set(output, 2 * rows * width);
  const reference = Int32Array.from({ length: 3 * rows }, (_, i) => 2 * rows + (i % rows));
  const { kl } = await lab.unembed({ vectors, count: 3 * rows, norm: false, top: 1, reference });
  const sum = (from: number) => kl.subarray(from, from + rows).reduce((a, b) => a + b, 0);
  return { plain: sum(0), tuned: sum(rows) };
}
