import { fail } from "../../contract/errors";
import type { Lab } from "./lab";
import { rms } from "./maths/vectors";

/** The last norm's weight and epsilon. */
export interface FinalNorm {
  weight: Float32Array;
  eps: number;
}

export function finalNormOf(lab: Lab): FinalNorm {
  const eps = lab.weights.metadata(`${lab.info.architecture}.attention.layer_norm_rms_epsilon`);
  if (eps === undefined || !lab.weights.has("output_norm.weight") || lab.weights.has("output_norm.bias"))
    fail("noSuchSite", `The last norm of '${lab.info.architecture}' is no RMSNorm that is understood here.`);
  return { weight: lab.weights.rows("output_norm.weight", 0, 1), eps };
}

/** Rows of the stream as the unembedding takes them: x / rms(x) * weight, written to `out` from row `at`. */
export function normRows(rows: Float32Array, norm: FinalNorm, out: Float32Array, at: number): void {
  const width = norm.weight.length;
  for (let from = 0; from < rows.length; from += width) {
    const scale = 1 / rms(rows.subarray(from, from + width), norm.eps);
    const to = at * width + from;
    for (let i = 0; i < width; i++) out[to + i] = rows[from + i]! * scale * norm.weight[i]!;
  }
}
