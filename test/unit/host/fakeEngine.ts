import { EventEmitter } from "vscode";
import type { EngineState } from "../../../src/contract/chatView";
import type { EngineMethods } from "../../../src/contract/engine";
import { fail } from "../../../src/contract/errors";
import type { CallOptions, ParamsOf, ProgressOf, ResultOf } from "../../../src/contract/method";
import type { ModelInfo } from "../../../src/contract/model";
import type { GeneratedToken } from "../../../src/contract/token";
import type { GenerateParams, GenerateProgress, GenerateResult } from "../../../src/contract/verbs";

export function modelInfo(more: Partial<ModelInfo> = {}): ModelInfo {
  return {
    file: "/models/small.gguf",
    name: "Small",
    architecture: "llama",
    parameters: 1_000_000,
    layers: 4,
    embedding: 64,
    heads: 4,
    kvHeads: 4,
    neurons: 128,
    experts: 0,
    vocabulary: 100,
    context: 512,
    trainedContext: 512,
    quantisation: "F16",
    size: 2_000_000,
    chatTemplate: "",
    thinks: false,
    fingerprint: "f1",
    llamaVersion: "test",
    devices: [],
    threads: 1,
    sites: ["embed", "resid_post", "mlp_post"],
    missingSites: [],
    metadata: {},
    ...more,
  };
}

export function token(id: number, text: string, more: Partial<GeneratedToken> = {}): GeneratedToken {
  const top = [
    { id, text, p: 0.5 },
    { id: id + 1000, text: text.toUpperCase(), p: 0.25 },
  ];
  return { id, text, p: 0.5, entropy: 1, top, part: "answer", ...more };
}

/** How a scripted generation goes. */
export interface Script {
  tokens: GeneratedToken[];
  /** Called before each token; may throw, or wait for the test. */
  before?: (index: number) => Promise<void> | void;
  /** The result leaves out the tokens that a fork began with. */
  withoutPrefix?: boolean;
}

/** An engine whose generations follow a script. */
export class FakeEngine {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  state: EngineState = { kind: "ready" };
  model: ModelInfo | null = modelInfo();
  script: Script = { tokens: [] };
  readonly generated: GenerateParams[] = [];
  loadError: (() => never) | null = null;

  change(): void {
    this.changed.fire();
  }

  ensureModel(): Promise<ModelInfo> {
    return Promise.resolve().then(() => this.loadError?.() ?? this.model ?? fail("noModel", "No model is loaded."));
  }

  async call<K extends keyof EngineMethods & string>(
    method: K,
    params: ParamsOf<EngineMethods, K>,
    options: CallOptions<ProgressOf<EngineMethods, K>> = {},
  ): Promise<ResultOf<EngineMethods, K>> {
    const result: unknown =
      method === "generate"
        ? await this.generate(params as GenerateParams, options as CallOptions<GenerateProgress>)
        : method === "render"
          ? { text: "", tokens: Array.from({ length: 42 }, () => ({ id: 1, text: "x" })) }
          : fail("internal", `${method} is not scripted.`);
    return result as ResultOf<EngineMethods, K>;
  }

  private async generate(
    params: GenerateParams,
    { signal, onProgress }: CallOptions<GenerateProgress>,
  ): Promise<GenerateResult> {
    this.generated.push(params);
    onProgress?.({ kind: "prompt", done: 7, total: 7, reused: 0 });
    const { tokens, before, withoutPrefix } = this.script;
    const prefix = params.forks?.[0]?.prefix ?? [];
    for (const [index, each] of tokens.entries()) {
      await before?.(index);
      if (signal?.aborted) fail("cancelled", "Cancelled.");
      onProgress?.({ kind: "token", fork: 0, index: index + prefix.length, token: each });
    }
    const decided = withoutPrefix ? [] : prefix.map((id) => token(id, `<${id}>`));
    const all = [...decided, ...tokens];
    const text = all
      .filter(({ part }) => part === "answer")
      .map((each) => each.text)
      .join("");
    return {
      forks: [{ text, thought: "", stop: "eos", tokens: all, seed: 5 }],
      timings: { promptTokens: 7, reusedTokens: 0, promptMs: 1, tokens: tokens.length, generateMs: 1 },
      altered: (params.interventions?.length ?? 0) > 0,
    };
  }
}
