import koffi from "koffi";
import type { TypeObject } from "koffi";
import { structs } from "./layouts";
import type { Field } from "./layouts";

/** An address in native memory. Null pointers come back from C as null. */
export type Pointer = bigint;

/** What C takes where it wants memory: an address, or a typed array whose own memory is used for the call. */
export type Memory = Pointer | ArrayBufferView | null;

type StructName = keyof typeof structs;

/** Declares a struct to koffi from its derived layout, and checks that koffi lays it out the same. */
function declare(name: StructName): TypeObject {
  const layout = structs[name];
  const fields: readonly Field[] = layout.fields;
  const definition: Record<string, TypeObject | string> = {};
  for (const field of fields) {
    definition[field.name] = field.count === undefined ? field.type : koffi.array(field.type, field.count);
  }
  const type = koffi.struct(name, definition);
  const wrong = fields.find((field) => koffi.offsetof(type, field.name) !== field.offset);
  if (wrong || koffi.sizeof(type) !== layout.size) {
    throw new Error(`${name} is laid out otherwise on this platform (${wrong?.name ?? "size"})`);
  }
  return type;
}

const byValue: readonly StructName[] = [
  "llama_model_params",
  "llama_context_params",
  "llama_batch",
  "llama_sampler_chain_params",
  "llama_model_quantize_params",
  "ggml_init_params",
];
let declared = false;

/** Declares every struct that crosses by value. Safe to call again. */
export function declareStructs(): void {
  if (declared) return;
  for (const name of byValue) declare(name);
  declared = true;
}

const offsets = new Map<string, number>();

/** Bytes from the start of a struct to one of its fields. */
export function offsetOf(struct: StructName, field: string): number {
  const key = `${struct}.${field}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const fields: readonly Field[] = structs[struct].fields;
  const found = fields.find(({ name }) => name === field);
  if (!found) throw new Error(`${struct} has no field ${field}`);
  offsets.set(key, found.offset);
  return found.offset;
}

type Copy = (to: Memory, from: Memory, bytes: number) => Pointer;
let copyFunction: Copy | undefined;

/** The C library's memcpy: Electron forbids views of native memory, so everything is copied out. */
function memcpy(): Copy {
  if (copyFunction) return copyFunction;
  const library = koffi.load(process.platform === "win32" ? "msvcrt.dll" : null);
  copyFunction = library.func("memcpy", "void *", ["void *", "void *", "size_t"]) as Copy;
  return copyFunction;
}

/** Copies `count` floats from native memory. */
export function copyFloats(from: Pointer, count: number, into: Float32Array = new Float32Array(count)): Float32Array {
  if (count > 0) memcpy()(into, from, count * 4);
  return into;
}

export function copyBytes(from: Pointer, count: number): Uint8Array {
  const into = new Uint8Array(count);
  if (count > 0) memcpy()(into, from, count);
  return into;
}

/** Copies a typed array into native memory. */
export function writeBytes(to: Pointer, from: ArrayBufferView): void {
  if (from.byteLength > 0) memcpy()(to, from, from.byteLength);
}

/** Memory that stays where it is until `free`: for what C keeps a pointer to. */
export function allocate(bytes: number): Pointer {
  return koffi.alloc("uint8_t", Math.max(bytes, 8)) as Pointer;
}

export function release(pointer: Pointer): void {
  koffi.free(pointer);
}

/** A C string, or an empty one for a null pointer. */
export function cString(pointer: Pointer | null): string {
  return pointer === null ? "" : koffi.decode.string(pointer);
}

export function readInt32(pointer: Pointer, offset: number): number {
  return koffi.decode.int32(pointer + BigInt(offset));
}

export function readInt64(pointer: Pointer, offset: number): number {
  return Number(koffi.decode.int64(pointer + BigInt(offset)));
}

export function readPointer(pointer: Pointer, offset: number): Pointer | null {
  const value = BigInt(koffi.decode.uint64(pointer + BigInt(offset)));
  return value === 0n ? null : value;
}

export function readFloat(pointer: Pointer, offset: number): number {
  return koffi.decode.float(pointer + BigInt(offset));
}
