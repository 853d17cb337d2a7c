import type { Site } from "../../../src/contract/sites";
import type { BlockStates, ForwardStates } from "../../fixtures/reference/forward";

/** |a - b| / |b| over whole arrays. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

const inBlock: Partial<Record<Site, keyof BlockStates>> = {
  resid_pre: "residPre",
  attn_out: "attnOut",
  resid_mid: "residMid",
  mlp_post: "mlpPost",
  mlp_out: "mlpOut",
  resid_post: "residPost",
  z: "z",
  pattern: "pattern",
};

/** The independent forward pass's state at a site. */
export function referenceState(states: ForwardStates, site: Site, layer?: number): Float64Array {
  if (site === "embed") return states.embed;
  if (site === "final_norm") return states.finalNorm;
  if (site === "logits") return states.logits;
  return states.blocks[layer!]![inBlock[site]!] as Float64Array;
}
