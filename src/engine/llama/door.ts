import koffi from "koffi";
import { fail } from "../../contract/errors";
import { bind } from "./api";
import type { Api, Struct } from "./api";
import { enums, llamaVersion } from "./layouts";
import type { LibrarySet } from "./libraries";
import { cString, declareStructs } from "./native";
import type { Pointer } from "./native";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What llama.cpp says while it works, a whole line at a time. */
export type LogSink = (level: LogLevel, line: string) => void;

export interface Device {
  pointer: Pointer;
  name: string;
  description: string;
  kind: "cpu" | "gpu" | "accelerator";
  free: number;
  total: number;
}

/** The opened libraries: one a process, for as long as it lives. */
export interface Door {
  api: Api;
  libraries: LibrarySet;
  version: string;
  devices: Device[];
  /** Address of a C function that answers true for a tensor with an empty dimension (see StopFlag). */
  stopFunction: Pointer;
  /** The last lines llama.cpp logged as warnings or errors: the reason of a failure. */
  complaints(): string[];
  clearComplaints(): void;
}

/** Defaults this build was made for; another library would read our structs wrongly. */
const expectedModelDefaults: Struct = {
  n_gpu_layers: -1,
  use_extra_bufts: true,
  vocab_only: false,
  check_tensors: false,
};
const expectedContextDefaults: Struct = {
  n_ctx: 512,
  n_batch: 2048,
  n_ubatch: 512,
  n_seq_max: 1,
  type_k: 1,
  type_v: 1,
};

let opened: Door | undefined;

/**
 * Loads the libraries and their back ends, once a process. Throws `libraryMismatch` when they are not the version whose
 * structs this build knows.
 */
export function openDoor(libraries: LibrarySet, log: LogSink): Door {
  if (opened) return opened;
  declareOrExplain();
  const handles = {
    base: koffi.load(libraries.base, { global: true }),
    ggml: koffi.load(libraries.ggml, { global: true }),
    llama: koffi.load(libraries.llama, { global: true }),
  };
  const api = bindOrExplain(handles);
  const version = api.llama_version();
  if (!version.startsWith(llamaVersion)) {
    mismatch(`llama.cpp ${version} is installed, and this build knows the structs of ${llamaVersion}.`);
  }
  compare("llama_model_default_params", api.llama_model_default_params(), expectedModelDefaults);
  compare("llama_context_default_params", api.llama_context_default_params(), expectedContextDefaults);

  const complaints = listen(api, log);
  api.llama_backend_init();
  api.ggml_backend_load_all_from_path(libraries.folder);
  opened = {
    api,
    libraries,
    version,
    devices: listDevices(api),
    stopFunction: handles.base.symbol("ggml_is_empty") as Pointer,
    complaints: () => [...complaints],
    clearComplaints: () => void (complaints.length = 0),
  };
  return opened;
}

function declareOrExplain(): void {
  try {
    declareStructs();
  } catch (cause) {
    mismatch(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function bindOrExplain(handles: Parameters<typeof bind>[0]): Api {
  try {
    return bind(handles);
  } catch (cause) {
    mismatch(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function compare(what: string, actual: Struct, expected: Struct): void {
  for (const [key, value] of Object.entries(expected)) {
    if (actual[key] !== value) mismatch(`${what}: ${key} is ${String(actual[key])}, expected ${String(value)}.`);
  }
}

function mismatch(why: string, cause?: unknown): never {
  fail("libraryMismatch", `The llama.cpp library is not the one this build was made for: ${why}`, {
    remedy: "Reinstall, so that node-llama-cpp and this build are of one version.",
    cause,
  });
}

const kept = 20;

/** Forwards llama.cpp's log line by line, and keeps the last complaints. */
function listen(api: Api, log: LogSink): string[] {
  const complaints: string[] = [];
  const levels: Record<number, LogLevel> = {
    [enums.ggml_log_level.GGML_LOG_LEVEL_DEBUG]: "debug",
    [enums.ggml_log_level.GGML_LOG_LEVEL_INFO]: "info",
    [enums.ggml_log_level.GGML_LOG_LEVEL_WARN]: "warn",
    [enums.ggml_log_level.GGML_LOG_LEVEL_ERROR]: "error",
  };
  let level: LogLevel = "info";
  let line = "";
  const type = koffi.proto("void", ["int32_t", "void *", "void *"]);
  const callback = koffi.register((code: number, text: Pointer | null) => {
    // Code 5 goes on with the line before.
    level = levels[code] ?? level;
    line += cString(text);
    const lines = line.split("\n");
    line = lines.pop() ?? "";
    for (const each of lines) {
      if (each.trim() === "") continue;
      if (level === "error" || level === "warn") {
        complaints.push(each.trim());
        if (complaints.length > kept) complaints.shift();
      }
      log(level, each);
    }
  }, koffi.pointer(type));
  api.llama_log_set(callback, null);
  return complaints;
}

function listDevices(api: Api): Device[] {
  const kinds: Record<number, Device["kind"]> = { 0: "cpu", 1: "gpu", 2: "gpu" };
  return Array.from({ length: Number(api.ggml_backend_dev_count()) }, (_, index) => {
    const pointer = api.ggml_backend_dev_get(index);
    const memory = new BigUint64Array(2);
    api.ggml_backend_dev_memory(pointer, memory.subarray(0, 1), memory.subarray(1, 2));
    return {
      pointer,
      name: api.ggml_backend_dev_name(pointer),
      description: api.ggml_backend_dev_description(pointer),
      kind: kinds[api.ggml_backend_dev_type(pointer)] ?? "accelerator",
      free: Number(memory[0]),
      total: Number(memory[1]),
    };
  });
}
