import { readFileSync, statSync } from "node:fs";
import { readGgufFileInfo } from "node-llama-cpp";
import { beforeAll, describe, expect, test } from "vitest";
import { promptsHash } from "../../../src/agent/prompts/hash";

interface Metadata {
  general: { architecture: string; license: string; file_type: number };
  llama: { context_length: number };
  tokenizer: { chat_template: string; ggml: { pre: string; tokens: string[]; merges: string[]; token_type: number[] } };
  vitrine?: { prompts_hash: string };
}

const file = "specimen/specimen.gguf";
let metadata: Metadata;

beforeAll(async () => {
  const info = await readGgufFileInfo(file, { logWarnings: false });
  metadata = info.metadata as unknown as Metadata;
});

describe("the shipped specimen", () => {
  test("was trained on the prompts that the agent uses now; if not, run the trainer again", () => {
    expect(metadata.vitrine?.prompts_hash).toBe(promptsHash());
  });

  test("carries the template that the corpus was printed with", () => {
    expect(metadata.tokenizer.chat_template).toBe(readFileSync("specimen/train/template.jinja", "utf8"));
  });

  test("is a llama in F16 of at most 12 MB, with room for the agent's prompts", () => {
    expect(metadata.general).toMatchObject({ architecture: "llama", license: "mit", file_type: 1 });
    expect(metadata.llama.context_length).toBeGreaterThanOrEqual(2048);
    expect(statSync(file).size).toBeLessThanOrEqual(12e6);
  });

  test("has the tokenizer of the checkout", () => {
    const { tokens, merges } = JSON.parse(readFileSync("specimen/tokenizer.json", "utf8")) as {
      tokens: string[];
      merges: string[];
    };
    expect(metadata.tokenizer.ggml.tokens).toEqual(tokens);
    expect(metadata.tokenizer.ggml.merges).toEqual(merges);
    expect(metadata.tokenizer.ggml.pre).toBe("smollm");
  });

  test("has no token that crosses JSON punctuation or a line break", () => {
    const plain = metadata.tokenizer.ggml.tokens.filter((_, i) => metadata.tokenizer.ggml.token_type[i] === 1);
    // A space (Ġ) may stand before one opening mark; a line break is Ċ.
    expect(plain.filter((token) => /[{}[\]",:\\Ċ]/.test(token) && token.length > 1 && !/^Ġ["{[]$/.test(token))).toEqual(
      [],
    );
  });
});
