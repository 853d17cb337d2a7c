import type { Brain, BrainOptions, BrainReply, BrainRequest } from "../../contract/brain";
import { errorData, fail, VitrineError } from "../../contract/errors";
import type { Json } from "../../contract/json";
import type { StopReason } from "../../contract/verbs";
import { parseJson } from "../prompts/spacedJson";
import { callForms } from "../tools/calling/forms";
import { isRecord } from "../tools/calling/normalise";
import { parseCalls, readCall } from "../tools/calling/parseCalls";
import { inWords } from "./engineBrain";
import { openAiMessages, openAiTools } from "./openAiForm";
import { sseData } from "./sse";

export interface ServerBrainOptions {
  /** Up to and including `/v1`. Machine-scoped setting: never from a workspace. */
  url: string;
  model: string;
  /** Asked for each request, kept nowhere. */
  key?: () => Promise<string | undefined>;
  /** Tokens of context the server was started with. */
  context?: number;
  fetch?: typeof globalThis.fetch;
  /** Milliseconds without a byte before a request is given up. */
  idleMs?: number;
  /** Bytes of a reply; more is cut off. */
  replyBytes?: number;
}

/** How calls are asked for: by the protocol's `tools`, or in words for servers that refuse those. */
type CallMode = "tools" | "words";

/**
 * Any server that speaks OpenAI's chat completions (vLLM, llama-server, Ollama and others). An own small client: the
 * official one needs Node 22 in its current line, and of the protocol only one streamed request is used; here its limits
 * (bytes, silence, no redirects that would carry the key elsewhere) are in one place.
 */
export class ServerBrain implements Brain {
  readonly local = false;
  readonly name: string;
  readonly context: number;
  private mode: CallMode = "tools";
  private formats = true;

  constructor(private readonly options: ServerBrainOptions) {
    this.name = options.model;
    this.context = options.context ?? 8_192;
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
    if (!url || !["http:", "https:"].includes(url.protocol)) {
      fail("badArgument", `${JSON.stringify(options.url)} is no address of a server.`, {
        remedy: "Give it as http://host:port/v1.",
      });
    }
    if (url.username || url.password)
      fail("badArgument", "A server's address holds no name or password.", { remedy: "Store the key instead." });
  }

  /** An upper estimate: a token for each Chinese character, for every 3 others. */
  count(text: string): Promise<number> {
    const wide = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]/g)?.length ?? 0;
    return Promise.resolve(Math.ceil(wide + (text.length - wide) / 3));
  }

  async reply(request: BrainRequest, options: BrainOptions = {}): Promise<BrainReply> {
    for (let tries = 0; ; tries++) {
      try {
        return await this.once(request, options);
      } catch (error) {
        // A server that does not know a field says so with 400: it is asked again without, and remembered.
        if (tries >= 2 || !this.stepDown(error, request)) throw error;
      }
    }
  }

  private stepDown(error: unknown, request: BrainRequest): boolean {
    if (!(error instanceof VitrineError) || error.data.details?.["status"] !== 400) return false;
    const said = String(error.data.details["said"] ?? "").toLowerCase();
    if (this.mode === "tools" && request.tools?.length && /tool|function/.test(said)) {
      this.mode = "words";
      return true;
    }
    if (this.formats && request.form && /response_format|json_schema|grammar|schema/.test(said)) {
      this.formats = false;
      return true;
    }
    return false;
  }

  private async once(request: BrainRequest, { signal, onPiece }: BrainOptions): Promise<BrainReply> {
    const started = Date.now();
    const abort = new AbortController();
    const stop = () => abort.abort(signal?.reason);
    if (signal?.aborted) fail("cancelled", "Cancelled.");
    signal?.addEventListener("abort", stop, { once: true });
    const gathered = new Gathered(this.options.replyBytes ?? 1_000_000);
    try {
      const response = await this.send(request, abort.signal);
      const limits = { event: 4_000_000, bytes: 64_000_000, idleMs: this.options.idleMs ?? 120_000 };
      for await (const data of sseData(response, limits)) {
        const piece = gathered.take(data);
        if (piece) onPiece?.(piece);
        if (gathered.full) break;
      }
    } catch (error) {
      throw translated(error, signal, gathered.length);
    } finally {
      signal?.removeEventListener("abort", stop);
      abort.abort();
    }
    return gathered.reply(this.inTools(request), request, await this.estimate(request), Date.now() - started);
  }

  private inTools(request: BrainRequest): boolean {
    return this.mode === "tools" && request.calls !== "none" && (request.tools?.length ?? 0) > 0;
  }

  private async send(request: BrainRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const key = await this.options.key?.();
    const send = this.options.fetch ?? globalThis.fetch;
    const response = await send(`${this.options.url.replace(/\/+$/, "")}/chat/completions`, {
      method: "POST",
      redirect: "error",
      signal,
      headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
      body: JSON.stringify(this.body(request)),
    });
    if (!response.ok) await refuse(response, this.options.model);
    if (!response.body) fail("brainFailure", "The server answered without a body.");
    return response.body;
  }

  private body(request: BrainRequest): Record<string, unknown> {
    const tools = request.calls === "none" ? [] : (request.tools ?? []);
    const words = tools.length > 0 && this.mode === "words";
    const { sampling, form } = request;
    return {
      model: this.options.model,
      stream: true,
      stream_options: { include_usage: true },
      messages: openAiMessages(words ? inWords(request.messages, tools) : request.messages),
      max_tokens: request.max ?? Math.floor(this.context / 4),
      temperature: sampling?.temperature ?? 0,
      ...(sampling?.topP === undefined ? {} : { top_p: sampling.topP }),
      ...(sampling?.seed === undefined ? {} : { seed: sampling.seed }),
      ...(tools.length > 0 && !words
        ? {
            tools: openAiTools(tools),
            tool_choice: request.calls === "required" ? "required" : "auto",
            parallel_tool_calls: false,
          }
        : {}),
      ...(tools.length === 0 && form && this.formats
        ? form.kind === "schema"
          ? {
              response_format: {
                type: "json_schema",
                json_schema: { name: "reply", strict: true, schema: form.schema },
              },
            }
          : { grammar: form.grammar }
        : {}),
    };
  }

  private async estimate(request: BrainRequest): Promise<number> {
    const counts = await Promise.all(request.messages.map((message) => this.count(message.content)));
    return counts.reduce((sum, n) => sum + n, 0);
  }
}

/** What came of a streamed reply so far. */
class Gathered {
  private text = "";
  private thought = "";
  private readonly calls: { name: string; arguments: string }[] = [];
  private finish: string | undefined;
  private usage: { prompt: number; reused: number; tokens: number } | undefined;
  full = false;

  constructor(private readonly limit: number) {}

  get length(): number {
    return this.text.length + this.thought.length;
  }

  /** Takes one event; gives the piece of text in it. Events that are no JSON, or errors, fail with `brainFailure`. */
  take(data: string): { text: string; part: "thought" | "answer" } | undefined {
    const event = parseJson(data);
    if (!isRecord(event))
      fail("brainFailure", "The server sent something that is not JSON.", { details: { said: data.slice(0, 200) } });
    if (event["error"]) fail("brainFailure", `The server reported: ${sentence(event["error"])}`);
    this.count(event["usage"]);
    const choice: unknown = Array.isArray(event["choices"]) ? event["choices"][0] : undefined;
    if (!isRecord(choice)) return undefined;
    if (typeof choice["finish_reason"] === "string") this.finish = choice["finish_reason"];
    const delta = choice["delta"] ?? choice["message"];
    if (!isRecord(delta)) return undefined;
    if (Array.isArray(delta["tool_calls"])) delta["tool_calls"].forEach((call, i) => this.takeCall(call, i));
    const thought = delta["reasoning_content"] ?? delta["reasoning"];
    if (typeof thought === "string" && thought !== "") {
      this.thought += thought;
      return this.room({ text: thought, part: "thought" });
    }
    if (typeof delta["content"] !== "string" || delta["content"] === "") return undefined;
    this.text += delta["content"];
    return this.room({ text: delta["content"], part: "answer" });
  }

  private room<T>(piece: T): T {
    const calls = this.calls.reduce((sum, call) => sum + call.arguments.length, 0);
    if (this.length + calls > this.limit) this.full = true;
    return piece;
  }

  private takeCall(call: unknown, place: number): void {
    if (!isRecord(call)) return;
    const index = typeof call["index"] === "number" && call["index"] >= 0 && call["index"] < 64 ? call["index"] : place;
    const made = (this.calls[index] ??= { name: "", arguments: "" });
    const given = call["function"];
    if (!isRecord(given)) return;
    if (typeof given["name"] === "string") made.name += given["name"];
    const args = given["arguments"];
    if (typeof args === "string") made.arguments += args;
    else if (isRecord(args)) made.arguments = JSON.stringify(args);
    this.room(undefined);
  }

  private count(usage: unknown): void {
    if (!isRecord(usage)) return;
    const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
    const details = usage["prompt_tokens_details"];
    this.usage = {
      prompt: number(usage["prompt_tokens"]),
      reused: isRecord(details) ? number(details["cached_tokens"]) : 0,
      tokens: number(usage["completion_tokens"]),
    };
  }

  reply(byTools: boolean, request: BrainRequest, estimate: number, ms: number): BrainReply {
    const { thought, answer } = splitThought(this.text);
    const parsed =
      request.tools?.length && !byTools ? parseCalls(callForms.general, answer) : { text: answer.trim(), calls: [] };
    const calls = [...parsed.calls];
    let problem = "problem" in parsed ? parsed.problem : undefined;
    for (const made of this.calls.filter(Boolean)) {
      const args: Json | undefined = made.arguments.trim() === "" ? {} : parseJson(made.arguments);
      const call = args === undefined ? undefined : readCall({ name: made.name, arguments: args });
      if (call) calls.push(call);
      else
        problem ??=
          this.finish === "length" || this.full ? "The call was cut off." : "The call's arguments are not valid JSON.";
    }
    return {
      text: parsed.text,
      thought: this.thought + thought,
      calls,
      ...(problem === undefined ? {} : { problem }),
      stop: this.full ? "max" : stopReason(this.finish),
      usage: {
        promptTokens: this.usage?.prompt ?? estimate,
        reusedTokens: this.usage?.reused ?? 0,
        tokens: this.usage?.tokens ?? Math.ceil(this.length / 3),
        ms,
      },
    };
  }
}

/** Servers that do not part thinking from the answer leave `<think>` in the text. */
function splitThought(text: string): { thought: string; answer: string } {
  const end = text.indexOf("</think>");
  if (!text.trimStart().startsWith("<think>") || end < 0) return { thought: "", answer: text };
  return { thought: text.slice(text.indexOf("<think>") + 7, end).trim(), answer: text.slice(end + 8) };
}

function stopReason(finish: string | undefined): StopReason {
  return finish === "length" ? "max" : finish === "stop" || finish === "tool_calls" ? "eos" : "stop";
}

async function refuse(response: Response, model: string): Promise<never> {
  const said = (await response.text().catch(() => "")).slice(0, 2_000);
  const body = parseJson(said);
  const why = sentence(isRecord(body) ? (body["error"] ?? body["message"] ?? said) : said);
  const { status } = response;
  const details = { status, said: why };
  if (status === 401 || status === 403)
    fail("notAllowed", `The server refused the key (${status}).`, { remedy: "Store another key.", details });
  if (status === 404)
    fail("brainFailure", `The server has no model ${JSON.stringify(model)} at this address.`, {
      remedy: "Check the address and the model's name.",
      details,
    });
  if (
    /context.{0,20}(length|size|window)|too long|maximum.{0,20}tokens|exceed/i.test(why) &&
    (status === 400 || status === 413)
  ) {
    fail("contextFull", "The prompt does not fit the server's context.", { details });
  }
  fail("brainFailure", `The server answered ${status}: ${why || "nothing more"}`, { details });
}

function sentence(value: unknown): string {
  const text = isRecord(value)
    ? typeof value["message"] === "string"
      ? value["message"]
      : JSON.stringify(value)
    : String(value ?? "");
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}

/** A failure of the wire as a typed error; how far the reply had come is told. */
function translated(error: unknown, signal: AbortSignal | undefined, length: number): unknown {
  if (signal?.aborted) return new VitrineError({ code: "cancelled", message: "Cancelled." }, error);
  if (error instanceof VitrineError) return error;
  const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : errorData(error).message;
  const when = length > 0 ? `dropped the connection after ${length} characters` : "cannot be reached";
  return new VitrineError(
    { code: "network", message: `The server ${when}: ${why}`, details: { received: length } },
    error,
  );
}
