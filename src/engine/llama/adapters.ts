import { statSync } from "node:fs";
import { fail } from "../../contract/errors";
import type { EditUse } from "../../contract/verbs";
import type { Context } from "./context";
import type { Door } from "./door";
import { readGguf, textIn } from "./gguf";
import type { Gguf } from "./gguf";
import type { Model } from "./model";
import type { Pointer } from "./native";

interface Loaded {
  pointer: Pointer;
  /** Changes when the file does. */
  stamp: string;
  tensors: Set<string>;
}

/** LoRA adapters over the model, loaded once and switched on for the runs that ask. */
export class Adapters {
  private readonly loaded = new Map<string, Loaded>();
  private active: Loaded[] = [];
  private readonly on = new Map<Context, string>();

  constructor(
    private readonly door: Door,
    private readonly model: Model,
  ) {}

  /** Switches exactly these adapters on. Throws `fileMissing`, `damagedFile` or `wrongModel`. */
  use(context: Context, edits: readonly EditUse[]): void {
    const wanted = edits.filter(({ scale = 1 }) => scale !== 0);
    for (const { scale = 1 } of wanted) {
      if (!Number.isFinite(scale)) fail("notFinite", `The scale of an edit is ${scale}.`);
    }
    const loaded = wanted.map(({ file, scale = 1 }) => ({ ...this.load(file), scale }));
    this.active = loaded;
    const key = editKey(edits);
    if ((this.on.get(context) ?? "") === key) return;
    context.adapters(loaded);
    this.on.set(context, key);
  }

  /** How many of the adapters that are on change this tensor. */
  activeOn(tensor: string): number {
    return this.active.filter(({ tensors }) => tensors.has(tensor)).length;
  }

  private load(file: string): Loaded {
    const gguf = readAdapter(file);
    const stamp = stampOf(file);
    const known = this.loaded.get(file);
    if (known?.stamp === stamp) return known;
    this.checkFit(gguf);
    this.door.clearComplaints();
    const pointer = this.door.api.llama_adapter_lora_init(this.model.pointer, file);
    if (pointer === null) {
      fail(
        "damagedFile",
        `llama.cpp could not load the edit ${file}: ${this.door.complaints().at(-1) ?? "no reason"}.`,
      );
    }
    // The one before stays loaded until the model goes: a context may still hold it.
    const tensors = new Set(gguf.tensors.map(({ name }) => name.replace(/\.lora_[ab]$/, "")));
    const loaded = { pointer, stamp, tensors };
    this.loaded.set(file, loaded);
    return loaded;
  }

  /** Every pair must fit its base tensor; llama.cpp would end the process on some that do not. */
  private checkFit(gguf: Gguf): void {
    const architecture = textIn(gguf, "general.architecture");
    if (architecture !== this.model.architecture) {
      fail("wrongModel", `The edit is for '${architecture ?? "?"}', and the model is '${this.model.architecture}'.`);
    }
    const base = new Map(this.model.gguf.tensors.map(({ name, shape }) => [name, shape]));
    const parts = new Map(gguf.tensors.map(({ name, shape }) => [name, shape]));
    for (const [name, shape] of parts) {
      const stem = name.replace(/\.lora_[ab]$/, "");
      const target = base.get(stem);
      const a = parts.get(`${stem}.lora_a`);
      const b = parts.get(`${stem}.lora_b`);
      if (stem === name || !target || !a || !b || stem === "token_embd.weight") {
        fail("wrongModel", `The edit's tensor ${name} has no counterpart in this model.`);
      }
      if (a[0] !== target[0] || b[1] !== target[1] || a[1] !== b[0] || shape.length !== 2) {
        fail("wrongModel", `The edit's tensor ${name} does not fit this model's ${target.join(" x ")}.`);
      }
    }
  }

  close(): void {
    // llama.cpp frees adapters with their model.
    this.loaded.clear();
    this.on.clear();
    this.active = [];
  }
}

/** Names a set of edits as they are on disk: what the cache of a run depends on. */
export function editKey(edits: readonly EditUse[]): string {
  return edits
    .filter(({ scale = 1 }) => scale !== 0)
    .map(({ file, scale = 1 }) => `${file}\n${stampOf(file)}\n${scale}`)
    .join("\n\n");
}

function stampOf(file: string): string {
  const { mtimeMs, size } =
    statSync(file, { throwIfNoEntry: false }) ?? fail("fileMissing", `There is no edit at ${file}.`);
  return `${mtimeMs}:${size}`;
}

function readAdapter(file: string): Gguf {
  const gguf = readGguf(file);
  if (textIn(gguf, "general.type") !== "adapter" || textIn(gguf, "adapter.type") !== "lora") {
    fail("damagedFile", `${file} is no LoRA adapter.`);
  }
  return gguf;
}
