import type { Brain, BrainOptions, BrainReply, BrainRequest } from "../../contract/brain";
import type { ChatMessage, ToolSpec } from "../../contract/chat";
import type { EngineMethods } from "../../contract/engine";
import { fail } from "../../contract/errors";
import type { Caller } from "../../contract/method";
import type { ModelInfo } from "../../contract/model";
import type { Generated, GenerateParams, GenerateProgress, Input, Meter } from "../../contract/verbs";
import { greedy } from "../../contract/verbs";
import { toolCallText, toolResponse, toolsBlock } from "../prompts/tools";
import { replyGrammar } from "../tools/calling/callGrammar";
import { formOfTemplate, type CallForm } from "../tools/calling/forms";
import { parseCalls } from "../tools/calling/parseCalls";
import type { GrammarOptions } from "../tools/calling/schemaGrammar";

export interface EngineBrainOptions {
  /** Bounds on what a grammar lets through where a schema sets none. */
  grammar?: GrammarOptions;
  /** Alternatives kept for each token. */
  top?: number;
  /** What a person has switched on; asked for each reply that is no background work. */
  alterations?: (signal?: AbortSignal) => Promise<Pick<GenerateParams, "interventions" | "edits" | "meters">>;
  /** Saved directions for failing, read where a request asks for meters. */
  meters?: () => Promise<Meter[]>;
}

const reservedForReply = 64;

/** The engine as a brain: calls are held to their schemas by a grammar, whatever the model. */
export class EngineBrain implements Brain {
  readonly local = true;
  readonly name: string;
  readonly fingerprint?: string;
  readonly context: number;
  readonly form: CallForm;
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly engine: Caller<EngineMethods>,
    info: Pick<ModelInfo, "name" | "context" | "chatTemplate"> & Partial<Pick<ModelInfo, "fingerprint">>,
    private readonly options: EngineBrainOptions = {},
  ) {
    this.name = info.name;
    if (info.fingerprint !== undefined) this.fingerprint = info.fingerprint;
    this.context = info.context;
    this.form = formOfTemplate(info.chatTemplate);
  }

  async count(text: string): Promise<number> {
    const known = this.counts.get(text);
    if (known !== undefined) return known;
    const { tokens } = await this.engine.call("tokenize", { text });
    if (this.counts.size > 4_000) this.counts.clear();
    this.counts.set(text, tokens.length);
    return tokens.length;
  }

  async reply(request: BrainRequest, { signal, onPiece }: BrainOptions = {}): Promise<BrainReply> {
    const started = Date.now();
    const onProgress = (event: GenerateProgress): void => {
      if (event.kind !== "token") return;
      const { token } = event;
      if (event.fork > 0) return;
      onPiece?.({ text: token.text, part: token.part, token });
    };
    const altered = request.background ? {} : ((await this.options.alterations?.(signal)) ?? {});
    const watched = request.meters ? ((await this.options.meters?.()) ?? []) : [];
    const meters = [...(altered.meters ?? []), ...watched];
    const result = await this.engine.call(
      "generate",
      { ...this.params(request), ...altered, ...(meters.length > 0 ? { meters } : {}) },
      {
        ...(signal ? { signal } : {}),
        onProgress,
      },
    );
    const [made, ...others] = result.forks;
    if (!made) fail("nativeFailure", "The engine gave no reply.");
    const { timings } = result;
    const text = (request.prefill ?? "") + spoken(made, this.form);
    const parsed = callable(request) ? parseCalls(this.form, text) : { text: text.trim(), calls: [] };
    return {
      ...parsed,
      thought: made.thought,
      stop: made.stop,
      tokens: made.tokens,
      ...(others.length === 0
        ? {}
        : {
            others: others.map((other) => ({
              text: ((request.prefill ?? "") + spoken(other, this.form)).trim(),
              thought: other.thought,
              tokens: other.tokens,
            })),
          }),
      usage: {
        promptTokens: timings.promptTokens,
        reusedTokens: timings.reusedTokens,
        tokens: timings.tokens,
        ms: Date.now() - started,
      },
    };
  }

  /** One pass over the prompt and the text: the states before each token of it, through the unembedding. */
  async surprisal(
    { messages, prefill, text }: { messages: ChatMessage[]; prefill?: string; text: string },
    signal?: AbortSignal,
  ): Promise<{ nats: number; tokens: number }> {
    const options = signal ? { signal } : {};
    const input = { ...promptInput(this.form, messages, []), ...(prefill === undefined ? {} : { prefill }) };
    const [prompt, said] = await Promise.all([
      this.engine.call("render", { input, think: "off" }, options),
      this.engine.call("tokenize", { text }, options),
    ]);
    const before = prompt.tokens.map(({ id }) => id);
    const ids = said.tokens.map(({ id }) => id).slice(0, Math.max(0, this.context - before.length));
    if (ids.length === 0) return { nats: 0, tokens: 0 };
    const positions = ids.map((_, i) => before.length - 1 + i);
    const { sequences } = await this.engine.call(
      "observe",
      { sequences: [{ kind: "tokens", ids: [...before, ...ids] }], reads: [{ site: "final_norm", positions }] },
      options,
    );
    const state = sequences[0]?.states[0] ?? fail("nativeFailure", "The engine gave no states.");
    const { logProbs } = await this.engine.call(
      "unembed",
      { vectors: state.data, count: ids.length, norm: false, top: 0, rowTargets: Int32Array.from(ids) },
      options,
    );
    return { nats: -logProbs.reduce((sum, value) => sum + value, 0), tokens: ids.length };
  }

  private params(request: BrainRequest): GenerateParams {
    const tools = callable(request) ? (request.tools ?? []) : [];
    const { prefill, think, session } = request;
    return {
      input: { ...promptInput(this.form, request.messages, tools), ...(prefill === undefined ? {} : { prefill }) },
      sampling: { ...greedy, ...request.sampling },
      max: request.max ?? Math.max(reservedForReply, Math.floor(this.context / 4)),
      top: request.top ?? this.options.top ?? 5,
      ...(request.samples !== undefined && request.samples > 1
        ? { forks: Array.from({ length: request.samples }, () => ({ prefix: [] })) }
        : {}),
      ...(tools.length > 0
        ? { form: { kind: "gbnf", grammar: this.grammar(tools, request.calls === "required") } }
        : request.form
          ? { form: request.form }
          : {}),
      ...(think === undefined ? {} : { think }),
      ...(session === undefined ? {} : { session }),
    };
  }

  private grammar(tools: readonly ToolSpec[], required: boolean): string {
    return replyGrammar(this.form, tools, required, this.options.grammar);
  }
}

/** The prompt of a reply as the engine takes it: tools in the template's own form, or in words where it has none. */
export function promptInput(
  form: Pick<CallForm, "native">,
  messages: readonly ChatMessage[],
  tools: readonly ToolSpec[],
): Extract<Input, { kind: "chat" }> {
  if (!form.native) return { kind: "chat", messages: inWords(messages, tools) };
  return { kind: "chat", messages: [...messages], ...(tools.length > 0 ? { tools: [...tools] } : {}) };
}

function callable(request: BrainRequest): boolean {
  return request.calls !== "none" && (request.tools?.length ?? 0) > 0;
}

/** The reply's text with the marks of calls, which the engine may count among the template's own marks. */
function spoken(made: Generated, form: CallForm): string {
  if (form.open === "" || made.text.includes(form.open)) return made.text;
  const marks = new Set([form.open, form.close]);
  if (!made.tokens.some((token) => token.text === form.open)) return made.text;
  return made.tokens
    .filter((token) => token.part === "answer" || marks.has(token.text))
    .map((token) => token.text)
    .join("");
}

/** Tools, calls and results as words, for a template that knows none of them. */
export function inWords(messages: readonly ChatMessage[], tools: readonly ToolSpec[]): ChatMessage[] {
  const out: ChatMessage[] = [];
  const block = toolsBlock(tools);
  for (const message of messages) {
    if (message.role === "system")
      out.push({ role: "system", content: join(message.content, out.length === 0 ? block : "") });
    else if (message.role === "tool") {
      const { content } = toolResponse(message.name ?? "", message.content);
      const text = `<tool_response>\n${content}\n</tool_response>`;
      const last = out.at(-1);
      if (last?.role === "user" && last.content.endsWith("</tool_response>")) last.content += `\n${text}`;
      else out.push({ role: "user", content: text });
    } else if (message.toolCalls?.length) {
      out.push({
        role: "assistant",
        content: [message.content, ...message.toolCalls.map(toolCallText)].filter(Boolean).join("\n"),
      });
    } else out.push({ ...message });
  }
  if (block && out[0]?.role !== "system") out.unshift({ role: "system", content: block });
  return out;
}

function join(text: string, block: string): string {
  return block ? `${text}\n\n${block}` : text;
}
