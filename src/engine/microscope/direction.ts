import type { Token } from "../../contract/token";
import { unembeddingName } from "./architecture";
import type { Lab } from "./lab";
import { dot } from "./maths/vectors";

/** The direction of the last residual along which a logit (or a difference of two) grows, everything else frozen. */
export interface LogitDirection {
  /** Length width: residual . u + constant = logit. */
  u: Float64Array;
  /** What the unembedding's own bias gives. */
  bias: number;
  /** The model's own logit, or target minus foil. */
  logit: number;
}

/**
 * Freezes the last norm's scale at one position (and, where logits are capped as in Gemma 2, each cap's slope through the
 * origin), which makes a logit a linear function of the residual.
 * `residual` and `normed` are the model's own states before and after the last norm, so the scale needs no epsilon.
 */
export function logitDirection(
  lab: Lab,
  residual: Float32Array,
  normed: Float32Array,
  target: Token,
  foil: Token | undefined,
): LogitDirection {
  const { weights, info } = lab;
  const weight = weights.rows("output_norm.weight", 0, 1);
  const scale = frozenScale(residual, weight, normed);
  const bias = weights.has("output.bias") ? weights.rows("output.bias", 0, 1) : undefined;
  const cap = weights.metadata(`${info.architecture}.final_logit_softcapping`) ?? 0;

  const side = (token: Token) => {
    const row = weights.rows(unembeddingName(weights), token.id, 1);
    const offset = bias?.[token.id] ?? 0;
    const raw = dot(row, normed) + offset;
    const capped = cap > 0 ? cap * Math.tanh(raw / cap) : raw;
    return { row, offset, capped, slope: raw === 0 ? 1 : capped / raw };
  };
  const a = side(target);
  const b = foil ? side(foil) : undefined;
  const u = Float64Array.from(weight, (w, i) => w * scale * (a.row[i]! * a.slope - (b ? b.row[i]! * b.slope : 0)));
  return {
    u,
    bias: a.offset * a.slope - (b ? b.offset * b.slope : 0),
    logit: a.capped - (b?.capped ?? 0),
  };
}

/** s in normed = s * weight * x, by least squares: exact up to rounding, whatever the norm's epsilon. */
export function frozenScale(x: ArrayLike<number>, weight: ArrayLike<number>, normed: ArrayLike<number>): number {
  let above = 0;
  let below = 0;
  for (let i = 0; i < normed.length; i++) {
    const plain = x[i]! * weight[i]!;
    above += plain * normed[i]!;
    below += plain * plain;
  }
  return below === 0 ? 0 : above / below;
}
