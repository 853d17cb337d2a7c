import { existsSync, renameSync } from "node:fs";
import path from "node:path";
import { openDoor } from "../../src/engine/llama/door";
import { chooseLibraries } from "../../src/engine/run/devices";
import { benchFolder, randomLlama } from "./randomLlama";

/** llama_ftype of llama.h; BF16 is what the random model is written as. */
const kinds = { F16: 1, Q8_0: 7, Q4_K: 15 } as const;
export type Kind = "BF16" | keyof typeof kinds;

/** The random model in another type, made once by llama.cpp. */
export async function randomLlamaAs(kind: Kind): Promise<string> {
  const source = randomLlama();
  if (kind === "BF16") return source;
  const file = path.join(benchFolder(), `random-0.5b-${kind}.gguf`);
  if (existsSync(file)) return file;
  const { api } = openDoor(await chooseLibraries("off", ""), () => undefined);
  const params = { ...api.llama_model_quantize_default_params(), ftype: kinds[kind], nthread: 2 };
  const code = api.llama_model_quantize(source, `${file}.part`, params);
  if (code !== 0) throw new Error(`llama_model_quantize gave ${code}`);
  renameSync(`${file}.part`, file);
  return file;
}
