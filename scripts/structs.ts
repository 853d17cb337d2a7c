// Derives the layouts of llama.cpp's structs and the values of its enums from the headers that node-llama-cpp ships
// (a git bundle inside the package), and writes src/engine/llama/layouts.ts.
//   node scripts/ts.mjs scripts/structs.ts           writes the file
//   node scripts/ts.mjs scripts/structs.ts --check   fails when the file differs; asks the C compiler too, where there is one
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export interface Field {
  name: string;
  /** A koffi type; `count` of them where the field is an array. */
  type: string;
  count?: number;
  offset: number;
}

export interface Layout {
  size: number;
  fields: Field[];
}

export interface Layouts {
  llamaVersion: string;
  structs: Record<string, Layout>;
  enums: Record<string, Record<string, number>>;
}

const headers = ["include/llama.h", "ggml/include/ggml.h", "ggml/include/ggml-backend.h", "ggml/include/gguf.h"];
/** Structs the door reads, writes or passes by value. */
const wantedStructs = [
  "llama_model_params",
  "llama_context_params",
  "llama_batch",
  "llama_token_data",
  "llama_token_data_array",
  "llama_logit_bias",
  "llama_sampler_chain_params",
  "llama_model_quantize_params",
  "ggml_tensor",
  "ggml_init_params",
  "ggml_type_traits",
  "gguf_init_params",
];
const wantedEnums = [
  "ggml_type",
  "ggml_op",
  "ggml_status",
  "ggml_log_level",
  "ggml_backend_dev_type",
  "llama_ftype",
  "llama_token_attr",
  "llama_flash_attn_type",
  "llama_load_mode",
  "llama_vocab_type",
  "gguf_type",
];

/** The headers' texts out of the bundle, and the version the source calls itself. */
export function shippedHeaders(packageFolder: string): { texts: Map<string, string>; version: string } {
  const bundle = path.join(packageFolder, "llama", "gitRelease.bundle");
  if (!existsSync(bundle)) throw new Error(`no bundle at ${bundle}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), "vitrine-headers-"));
  try {
    execFileSync("git", ["clone", "--quiet", "--no-checkout", bundle, folder], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    const show = (file: string): string =>
      execFileSync("git", ["-C", folder, "show", `HEAD:${file}`], { encoding: "utf8", maxBuffer: 1 << 26 });
    const cmake = show("CMakeLists.txt");
    const part = (name: string): string => new RegExp(`LLAMA_VERSION_${name} (\\d+)`).exec(cmake)?.[1] ?? "?";
    const names = ["ggml-cpu.h", "ggml-alloc.h", "ggml-opt.h"].map((name) => `ggml/include/${name}`);
    const texts = new Map([...headers, ...names].map((file) => [file, show(file)] as const));
    return { texts, version: `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Layouts by the C rules of a 64-bit platform: enums are 4 bytes, pointers and size_t 8, every field on its own size. */
export function derive(texts: Iterable<string>, version: string): Layouts {
  const source = [...texts].map(withoutComments).join("\n");
  const defines = readDefines(source);
  const enums = readEnums(source, defines);
  const structs: Record<string, Layout> = {};
  for (const name of wantedStructs) structs[name] = readStruct(source, name, defines);
  return {
    llamaVersion: version,
    structs,
    enums: Object.fromEntries(wantedEnums.map((name) => [name, enums.get(name) ?? missing(`enum ${name}`)])),
  };
}

function missing(what: string): never {
  throw new Error(`${what} is not in the headers`);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

function readDefines(source: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [, name, value] of source.matchAll(/^\s*#\s*define\s+(\w+)\s+(\d+)\s*$/gm))
    found.set(name!, Number(value));
  return found;
}

function readEnums(source: string, defines: Map<string, number>): Map<string, Record<string, number>> {
  const all = new Map<string, Record<string, number>>();
  const known = new Map(defines);
  for (const [, name, body] of source.matchAll(/enum\s+(\w+)\s*\{([^}]*)\}/g)) {
    const values: Record<string, number> = {};
    let next = 0;
    for (const entry of body!
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean)) {
      const [key, expression] = entry.split("=").map((each) => each.trim());
      if (expression !== undefined) next = evaluate(expression, known);
      values[key!] = next;
      known.set(key!, next);
      next++;
    }
    all.set(name!, values);
  }
  return all;
}

function evaluate(expression: string, known: Map<string, number>): number {
  const shift = /^(\d+)\s*<<\s*(\d+)$/.exec(expression);
  if (shift) return Number(shift[1]) << Number(shift[2]);
  if (/^-?\d+$/.test(expression)) return Number(expression);
  // Values taken from headers that are not read (a few RoPE kinds) do not matter to the enums wanted here.
  return known.get(expression) ?? 0;
}

function readStruct(source: string, name: string, defines: Map<string, number>): Layout {
  const body = new RegExp(`struct\\s+${name}\\s*\\{([^}]*)\\}`).exec(source)?.[1] ?? missing(`struct ${name}`);
  const fields: Field[] = [];
  let offset = 0;
  let widest = 1;
  for (const statement of body
    .split(";")
    .map((each) => each.replace(/\s+/g, " ").trim())
    .filter(Boolean)) {
    const field = readField(statement, defines);
    const { type, count } = field;
    const size = sizeOf(type);
    widest = Math.max(widest, size);
    offset = align(offset, size);
    fields.push({ name: field.name, type, ...(count === undefined ? {} : { count }), offset });
    offset += size * (count ?? 1);
  }
  return { size: align(offset, widest), fields };
}

function align(offset: number, size: number): number {
  return Math.ceil(offset / size) * size;
}

function readField(statement: string, defines: Map<string, number>): { name: string; type: string; count?: number } {
  const array = /^(.*?)(\w+)\s*\[([^\]]+)\]$/.exec(statement);
  const plain = /^(.*?)(\w+)$/.exec(statement);
  const [, before, name] = array ?? plain ?? missing(`a field in "${statement}"`);
  const count = array ? lengthOf(array[3]!, defines) : undefined;
  const type = koffiType(before!.trim());
  return count === undefined ? { name: name!, type } : { name: name!, type, count };
}

function lengthOf(expression: string, defines: Map<string, number>): number {
  const [top, bottom] = expression.split("/").map((each) => each.trim());
  const value = defines.get(top!) ?? Number(top);
  const by = bottom === undefined ? 1 : bottom === "sizeof(int32_t)" ? 4 : Number(bottom);
  if (!Number.isInteger(value / by)) missing(`the length ${expression}`);
  return value / by;
}

const scalars: Record<string, string> = {
  int8_t: "int8_t",
  int32_t: "int32_t",
  uint32_t: "uint32_t",
  int64_t: "int64_t",
  size_t: "size_t",
  float: "float",
  double: "double",
  bool: "bool",
  char: "char",
  int: "int32_t",
  llama_token: "int32_t",
  llama_pos: "int32_t",
};

function koffiType(type: string): string {
  const bare = type
    .replace(/\bconst\b|\bstruct\b/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (bare.includes("*")) return "void *";
  if (bare.startsWith("enum ")) return "int32_t";
  if (/_callback$|_t$/.test(bare) && !(bare in scalars)) return "void *";
  return scalars[bare] ?? missing(`a size for "${bare}"`);
}

function sizeOf(type: string): number {
  if (type === "void *" || type === "size_t" || type === "int64_t" || type === "double") return 8;
  if (type === "bool" || type === "char" || type === "int8_t") return 1;
  return 4;
}

/** The same layouts as the C compiler sees them, or undefined where there is none. */
export function compiled(texts: Map<string, string>, layouts: Layouts): Layouts | undefined {
  const compiler = ["cc", "gcc", "clang"].find(works);
  if (compiler === undefined) return undefined;
  const folder = mkdtempSync(path.join(os.tmpdir(), "vitrine-layout-"));
  try {
    for (const [file, text] of texts) writeFileSync(path.join(folder, path.basename(file)), text);
    writeFileSync(path.join(folder, "probe.c"), probe(layouts));
    execFileSync(compiler, ["-o", "probe", "probe.c"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    const lines = execFileSync(path.join(folder, "probe"), { encoding: "utf8" }).trim().split("\n");
    return fromProbe(lines, layouts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function works(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false; // not on this machine: the caller says so
  }
}

function probe(layouts: Layouts): string {
  const lines = ["#include <stdio.h>", '#include "llama.h"', "int main(void) {"];
  for (const [name, { fields }] of Object.entries(layouts.structs)) {
    lines.push(`  printf("size ${name} %zu\\n", sizeof(struct ${name}));`);
    for (const field of fields) {
      lines.push(`  printf("offset ${name} ${field.name} %zu\\n", offsetof(struct ${name}, ${field.name}));`);
    }
  }
  for (const [name, values] of Object.entries(layouts.enums)) {
    for (const key of Object.keys(values)) lines.push(`  printf("enum ${name} ${key} %d\\n", (int) ${key});`);
  }
  lines.push("  return 0;", "}");
  return lines.join("\n");
}

function fromProbe(lines: string[], like: Layouts): Layouts {
  const result = structuredClone(like);
  for (const line of lines) {
    const words = line.split(" ");
    const [kind, owner, third, fourth] = words as [string, string, string, string];
    if (kind === "size") result.structs[owner]!.size = Number(third);
    else if (kind === "enum") result.enums[owner]![third] = Number(fourth);
    else result.structs[owner]!.fields.find(({ name }) => name === third)!.offset = Number(fourth);
  }
  return result;
}

/** The text of src/engine/llama/layouts.ts. */
export function asSource(layouts: Layouts): string {
  return [
    "// Derived by scripts/structs.ts from the headers that node-llama-cpp ships; a test derives it again. Do not edit.",
    "/* prettier-ignore-start */",
    `export const llamaVersion = ${JSON.stringify(layouts.llamaVersion)};`,
    "",
    "export interface Field { name: string; type: string; count?: number; offset: number }",
    "export interface Layout { size: number; fields: readonly Field[] }",
    "",
    "export const structs = {",
    ...Object.entries(layouts.structs).flatMap(([name, { size, fields }]) => [
      `  ${name}: { size: ${size}, fields: [`,
      ...fields.map((field) => `    ${JSON.stringify(field)},`),
      "  ] },",
    ]),
    "} as const satisfies Record<string, Layout>;",
    "",
    "export const enums = {",
    ...Object.entries(layouts.enums).flatMap(([name, values]) => [
      `  ${name}: {`,
      ...Object.entries(values).map(([key, value]) => `    ${key}: ${value},`),
      "  },",
    ]),
    "} as const;",
    "/* prettier-ignore-end */",
    "",
  ].join("\n");
}

function main(): void {
  const root = process.cwd();
  const target = path.join(root, "src", "engine", "llama", "layouts.ts");
  const { texts, version } = shippedHeaders(path.join(root, "node_modules", "node-llama-cpp"));
  const layouts = derive(
    headers.map((file) => texts.get(file)!),
    version,
  );
  const seen = compiled(texts, layouts);
  if (seen && JSON.stringify(seen) !== JSON.stringify(layouts))
    throw new Error("the C compiler lays the structs out otherwise");
  console.log(seen ? "the C compiler agrees" : "no C compiler here: layouts follow the 64-bit rules");
  const text = asSource(layouts);
  if (!process.argv.includes("--check")) writeFileSync(target, text);
  else if (readFileSync(target, "utf8") !== text)
    throw new Error(`${target} is not what the headers give; run scripts/structs.ts`);
}

/** The headers whose texts `derive` takes, in order. */
export function headerTexts(texts: Map<string, string>): string[] {
  return headers.map((file) => texts.get(file) ?? missing(file));
}

if (process.argv[1]?.includes("structs-")) main();
