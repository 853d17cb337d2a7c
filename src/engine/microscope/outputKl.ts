import type { Intervention } from "../../contract/sites";
import type { Lab } from "./lab";

const rowsAtOnce = 256;

/** The model's normed last states of some sequences: what its output is unembedded from. */
export async function outputStates(
  lab: Lab,
  sequences: number[][],
  interventions: Intervention[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const width = lab.info.embedding;
  const out = sequences.map((ids) => new Float32Array(ids.length * width));
  await lab.pass({
    sequences,
    reads: [{ site: "final_norm", positions: "all" }],
    interventions,
    signal,
    onChunk: ({ sequence, from, states }) => out[sequence]!.set(states[0]!.data, from * width),
  });
  return out;
}

/** Mean KL(plain || altered) of the outputs, nats a token; 0 where there is no text. */
export async function meanKl(lab: Lab, plain: Float32Array[], altered: Float32Array[]): Promise<number> {
  const width = lab.info.embedding;
  let sum = 0;
  let count = 0;
  for (const [k, before] of plain.entries()) {
    const total = before.length / width;
    for (let at = 0; at < total; at += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, total - at);
      const vectors = new Float32Array(2 * rows * width);
      vectors.set(before.subarray(at * width, (at + rows) * width));
      vectors.set(altered[k]!.subarray(at * width, (at + rows) * width), rows * width);
      const reference = Int32Array.from({ length: 2 * rows }, (_, i) => (i < rows ? -1 : i - rows));
      const { kl } = await lab.unembed({ vectors, count: 2 * rows, norm: false, top: 1, reference });
      for (let r = 0; r < rows; r++) sum += kl[rows + r]!;
      count += rows;
    }
  }
  return count === 0 ? 0 : sum / count;
}
