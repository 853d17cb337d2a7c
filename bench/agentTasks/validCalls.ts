import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { getLlama, readGgufFileInfo, type Llama } from "node-llama-cpp";
import { builtinTools } from "../../src/agent/prompts/builtinTools";
import { systemPrompt } from "../../src/agent/prompts/system";
import { replyGrammar } from "../../src/agent/tools/calling/callGrammar";
import { callForms } from "../../src/agent/tools/calling/forms";
import { argumentSchema } from "../../src/agent/tools/calling/normalise";
import { parseCalls } from "../../src/agent/tools/calling/parseCalls";
import { faults } from "../../src/agent/tools/calling/validate";
import type { ToolSpec } from "../../src/contract/chat";
import { seeded } from "./random";

export interface ValidCalls {
  model: "as it is" | "shuffled weights";
  valid: number;
  of: number;
}

/** Tools whose schemas use what the grammar knows, beside the built-in ones. */
const tools: ToolSpec[] = [
  ...builtinTools.slice(0, 4),
  {
    name: "book_trip",
    description: "Books a trip.",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", minLength: 2, maxLength: 20 },
        days: { type: "integer", minimum: 1, maximum: 14 },
        price: { type: "number", minimum: -2.5, maximum: 99.5 },
        class: { enum: ["first", "second"] },
        guests: {
          type: "array",
          items: {
            type: "object",
            properties: {
              name: { type: "string", maxLength: 12 },
              age: { anyOf: [{ type: "integer", minimum: 0, maximum: 120 }, { type: "null" }] },
            },
            required: ["name"],
          },
          minItems: 1,
          maxItems: 3,
        },
        insured: { type: "boolean" },
      },
      required: ["city", "days", "guests"],
    },
  },
];

/** Calls written by llama.cpp under the grammar, at high temperature, and checked against their schemas. */
export async function validCalls(file: string, count = 40): Promise<ValidCalls[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "vitrine-bench-"));
  try {
    const llama = await getLlama({ gpu: false, maxThreads: 1 });
    const wild = path.join(folder, "shuffled.gguf");
    await shuffled(file, wild);
    return [await measure(llama, file, "as it is", count), await measure(llama, wild, "shuffled weights", count)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  llama: Llama,
  modelPath: string,
  model: ValidCalls["model"],
  count: number,
): Promise<ValidCalls> {
  const grammar = await llama.createGrammar({
    grammar: replyGrammar(callForms.hermes, tools, true, { maxString: 24, maxItems: 4 }),
  });
  const loaded = await llama.loadModel({ modelPath });
  const context = await loaded.createContext({ contextSize: Math.min(2_048, loaded.trainContextSize), threads: 1 });
  const { LlamaCompletion } = await import("node-llama-cpp");
  const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
  let valid = 0;
  for (let i = 0; i < count; i++) {
    const prompt = `<|im_start|>system\n${systemPrompt({ mode: "agent", tools: tools.slice(-1) })}<|im_end|>\n<|im_start|>user\nBook a trip, number ${i}.<|im_end|>\n<|im_start|>assistant\n`;
    const text = await completion.generateCompletion(loaded.tokenize(prompt, true), {
      grammar,
      temperature: 1.5,
      seed: i + 1,
      maxTokens: 700,
    });
    const { calls, problem } = parseCalls(callForms.hermes, text);
    const tool = tools.find(({ name }) => name === calls[0]?.name);
    if (problem === undefined && tool && faults(calls[0]?.arguments, argumentSchema(tool.parameters)).length === 0)
      valid++;
    else console.error(`not valid (${model}): ${text}`);
  }
  await context.dispose();
  await loaded.dispose();
  return { model, valid, of: count };
}

/** A copy whose tensors hold their own numbers in random order: the same sizes and scales, nothing learnt. */
async function shuffled(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const { fullTensorInfo = [] } = await readGgufFileInfo(from, { readTensorInfo: true });
  const random = seeded(1);
  const handle = await open(to, "r+");
  try {
    for (const { fileOffset, dimensions, ggmlType } of fullTensorInfo) {
      // F16 alone: two bytes a number.
      if (ggmlType !== 1) continue;
      const numbers = dimensions.reduce<number>((product, n) => product * Number(n), 1);
      const values = new Uint16Array(numbers);
      await handle.read(new Uint8Array(values.buffer), 0, numbers * 2, Number(fileOffset));
      for (let i = numbers - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [values[i], values[j]] = [values[j] ?? 0, values[i] ?? 0];
      }
      await handle.write(new Uint8Array(values.buffer), 0, numbers * 2, Number(fileOffset));
    }
  } finally {
    await handle.close();
  }
}
