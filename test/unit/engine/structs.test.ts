import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { asSource, compiled, derive, headerTexts, shippedHeaders } from "../../../scripts/structs";

const root = path.resolve(import.meta.dirname, "../../..");
const packageFolder = path.join(root, "node_modules", "node-llama-cpp");

function has(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const headersAreHere = has("git") && existsSync(path.join(packageFolder, "llama", "gitRelease.bundle"));

describe.skipIf(!headersAreHere)("struct layouts (needs git and node-llama-cpp's bundle)", () => {
  const shipped = headersAreHere ? shippedHeaders(packageFolder) : undefined;

  it("derived again from the shipped headers are those checked in", () => {
    const layouts = derive(headerTexts(shipped!.texts), shipped!.version);
    expect(asSource(layouts)).toBe(readFileSync(path.join(root, "src/engine/llama/layouts.ts"), "utf8"));
  });

  it.skipIf(!["cc", "gcc", "clang"].some(has))("are what the C compiler makes of them (needs a C compiler)", () => {
    const layouts = derive(headerTexts(shipped!.texts), shipped!.version);
    expect(compiled(shipped!.texts, layouts)).toEqual(layouts);
  });
});

describe("deriving", () => {
  it("follows the rules of alignment, arrays and enums", () => {
    const header = `
      #define MANY 4
      enum kind { A, B = 5, C, D = 1 << 3 };
      struct llama_token_data { bool first; /* gone */ int64_t wide; // gone too
        char name[MANY]; enum kind which; struct other * pointer; size_t size; };
    `;
    const others = [
      "llama_model_params",
      "llama_context_params",
      "llama_batch",
      "llama_token_data_array",
      "llama_logit_bias",
      "llama_sampler_chain_params",
      "llama_model_quantize_params",
      "ggml_tensor",
      "ggml_init_params",
      "ggml_type_traits",
      "gguf_init_params",
    ].map((name) => `struct ${name} { int x; };`);
    const enums = [
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
    ].map((name) => `enum ${name} { ${name.toUpperCase()}_A, ${name.toUpperCase()}_B = -2 };`);
    const { structs, enums: values } = derive([header, ...others, ...enums], "1.2.3");
    expect(structs["llama_token_data"]).toEqual({
      size: 40,
      fields: [
        { name: "first", type: "bool", offset: 0 },
        { name: "wide", type: "int64_t", offset: 8 },
        { name: "name", type: "char", count: 4, offset: 16 },
        { name: "which", type: "int32_t", offset: 20 },
        { name: "pointer", type: "void *", offset: 24 },
        { name: "size", type: "size_t", offset: 32 },
      ],
    });
    expect(values["ggml_op"]).toEqual({ GGML_OP_A: 0, GGML_OP_B: -2 });
  });
});
