import { existsSync } from "node:fs";
import { Supervisor } from "../../src/wire/supervisor";
import { VitrineError } from "../../src/contract/errors";
import type { EngineMethods } from "../../src/contract/engine";
import type { ModelInfo } from "../../src/contract/model";
import { greedy, type Form, type Input } from "../../src/contract/verbs";
import type { Sample } from "../corpus/sample";

/** The specimen behind the product's own engine. */
export interface Brain {
  info: ModelInfo;
  engine: Supervisor<EngineMethods>;
  reply(sample: Sample, max: number, form?: Form): Promise<string>;
  /** The sample's prompt as the engine's template prints it. */
  prompt(sample: Sample): Promise<string>;
  close(): Promise<void>;
}

export async function openBrain(file: string, entry = "dist/engine.mjs"): Promise<Brain> {
  if (!existsSync(entry)) throw new Error(`${entry} is missing — run npm run build first`);
  const engine = new Supervisor<EngineMethods>({ name: "The engine", file: entry, grace: 1000 });
  // One thread: with several, a model this small spends its time at llama.cpp's barriers.
  const info = await engine.call("load", { file, gpu: "off", threads: 1 });
  return {
    info,
    engine,
    async reply(sample, max, form) {
      // What is to be measured after thinking is asked with a budget, which opens the thought; the rest as the model will.
      const thinks = sample.chat?.at(-1)?.thought !== undefined;
      const think = sample.noThink ? ("off" as const) : thinks ? max : ("auto" as const);
      const params = { input: inputOf(sample), sampling: greedy, max, think, ...(form ? { form } : {}) };
      try {
        return (await engine.call("generate", params)).forks[0]?.text ?? "";
      } catch (error) {
        // A model whose context cannot hold the product's prompts fails that item, not the whole card.
        if (error instanceof VitrineError && error.code === "contextFull") return "";
        throw error;
      }
    },
    async prompt(sample) {
      const rendered = await engine.call("render", { input: inputOf(sample), think: sample.noThink ? "off" : "auto" });
      return rendered.text;
    },
    close: () => engine.stop(),
  };
}

export function inputOf(sample: Sample): Input {
  if (sample.prose) return { kind: "prompt", text: sample.prose.prompt };
  const messages = (sample.chat ?? []).slice(0, -1);
  return { kind: "chat", messages, ...(sample.tools ? { tools: sample.tools } : {}) };
}
