import { renameSync } from "node:fs";
import { fail } from "../../contract/errors";
import { openDoor } from "./door";
import { enums } from "./layouts";
import { installedLibraries } from "./libraries";

const kinds = {
  F16: enums.llama_ftype.LLAMA_FTYPE_MOSTLY_F16,
  Q8_0: enums.llama_ftype.LLAMA_FTYPE_MOSTLY_Q8_0,
  Q4_K_M: enums.llama_ftype.LLAMA_FTYPE_MOSTLY_Q4_K_M,
} as const;

/** Writes a model with smaller weights, by llama.cpp's own quantiser. The file appears when it is whole. */
export function quantize(from: string, to: string, kind: keyof typeof kinds, threads: number): void {
  const libraries = installedLibraries().at(-1)!;
  const { api, complaints } = openDoor(libraries, () => undefined);
  const draft = `${to}.${process.pid}`;
  const params = { ...api.llama_model_quantize_default_params(), nthread: threads, ftype: kinds[kind] };
  if (api.llama_model_quantize(from, draft, params) !== 0) {
    fail("nativeFailure", `${from} could not be quantised: ${complaints().at(-1) ?? "no reason"}.`);
  }
  renameSync(draft, to);
}
