import { openDoor } from "../../../src/engine/llama/door";
import { chooseLibraries } from "../../../src/engine/run/devices";

/** llama_ftype of llama.h. */
const kinds = { Q8_0: 7, Q4_K: 15 } as const;
export type Quantisation = keyof typeof kinds;

/** A quantised copy of a model, made by llama.cpp itself. Rows that are no multiple of 256 fall back to another type. */
export async function quantise(from: string, to: string, kind: Quantisation): Promise<void> {
  const { api } = openDoor(await chooseLibraries("off", ""), () => undefined);
  const params = { ...api.llama_model_quantize_default_params(), ftype: kinds[kind], nthread: 1 };
  const code = api.llama_model_quantize(from, to, params);
  if (code !== 0) throw new Error(`llama_model_quantize gave ${code}`);
}
