import type { EngineMethods } from "../../contract/engine";
import type { Caller } from "../../contract/method";
import type { VectorPort } from "../tools/selection/toolIndex";

/** The engine's vectors of texts. `model` names what made them (a fingerprint), so that others are not mixed in. */
export function engineVectors(engine: Caller<EngineMethods>, model: string): VectorPort {
  return {
    model,
    embed: async (texts) => {
      const { width, data } = await engine.call("embedText", { texts: [...texts] });
      return texts.map((_, i) => data.slice(i * width, (i + 1) * width));
    },
  };
}
