import { norm } from "../maths/vectors";
import type { TrainingState } from "./checkpoint";

/**
 * Dead features are put on what the SAE does badly on (neuron resampling, Bricken et al. 2023): decoder and encoder along the error of a badly
 * reconstructed row, the encoder at a fifth of the living ones' length, bias and moments at zero. Returns how many.
 */
export function revive(
  state: TrainingState,
  dead: readonly number[],
  error: Float32Array,
  worst: readonly number[],
): number {
  const { parameters: p, moments, silent } = state;
  const { width, features } = p;
  const gone = new Set(dead);
  let [total, living] = [0, 0];
  for (let f = 0; f < features; f++) {
    if (gone.has(f)) continue;
    total += norm(p.encoder.subarray(f * width, (f + 1) * width));
    living++;
  }
  const size = living > 0 ? (0.2 * total) / living : 1;
  let revived = 0;
  for (const [i, feature] of dead.entries()) {
    const r = worst[i];
    if (r === undefined) break;
    const e = error.subarray(r * width, (r + 1) * width);
    const length = norm(e);
    if (!(length > 0)) continue;
    for (let j = 0; j < width; j++) {
      // error = reconstruction - x: what is missing points the other way.
      const direction = -e[j]! / length;
      const at = feature * width + j;
      p.decoder[at] = direction;
      p.encoder[at] = size * direction;
      for (const name of ["encoder", "decoder"] as const) moments[name].first[at] = moments[name].second[at] = 0;
    }
    p.encoderBias[feature] = 0;
    moments.encoderBias.first[feature] = moments.encoderBias.second[feature] = 0;
    silent[feature] = 0;
    revived++;
  }
  return revived;
}
