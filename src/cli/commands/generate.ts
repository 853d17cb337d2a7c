import type { JsonSchema } from "../../contract/json";
import type { GenerateParams, GenerateResult, LensPiece, Think, TokenLens } from "../../contract/verbs";
import { greedy } from "../../contract/verbs";
import { vote } from "../../agent/reasoning/vote";
import { fail } from "../../contract/errors";
import { UsageError, type Command, type CommandContext } from "../command";
import { inputOptions, isRecord, readInput, readJson, readText } from "../inputs";
import { interventionOptions, readEdits, readInterventions } from "../interventions";

export const generate: Command = {
  name: "generate",
  summary: "go on from a prompt or answer a conversation, each token with its alternatives",
  usage: "--prompt TEXT | --chat FILE.json",
  options: {
    ...inputOptions,
    ...interventionOptions,
    max: { type: "string", help: "tokens at most", value: "N" },
    temperature: { type: "string", help: "0 (the default) is greedy", value: "T" },
    "top-k": { type: "string", help: "sample among the K likeliest", value: "K" },
    "top-p": { type: "string", help: "sample within this probability mass", value: "P" },
    "min-p": { type: "string", help: "drop tokens below P times the likeliest", value: "P" },
    "repeat-penalty": { type: "string", help: "above 1 penalises what was just said", value: "R" },
    top: { type: "string", help: "alternatives shown a token (5)", value: "K" },
    schema: { type: "string", help: "the reply is JSON of this schema", value: "FILE.json" },
    grammar: { type: "string", help: "the reply fits this GBNF grammar", value: "FILE.gbnf" },
    stop: { type: "string", multiple: true, help: "end before this text", value: "TEXT" },
    think: { type: "string", help: "off, auto, or a budget in tokens", value: "off|auto|N" },
    lens: { type: "boolean", help: "each new token's lens: the stream after every layer, three tokens a cell" },
    extend: { type: "string", help: "make a thought that would end before its budget go on, N times", value: "N" },
    settle: { type: "string", help: "end the thought when the answer's entropy is below so many nats", value: "NATS" },
    vote: { type: "string", help: "draw K answers from one prompt and count them (needs a temperature)", value: "K" },
    stream: { type: "boolean", help: "a JSON line a token, the result last" },
  },
  async run(context) {
    const params = await readParams(context);
    const { caller } = await context.engine();
    const stream = context.options.flag("stream");
    const lens = new LensColumns();
    const result = await caller.call("generate", params, {
      signal: context.signal,
      onProgress(event) {
        if (event.kind === "prompt") context.progress(event.done, event.total, "reading the prompt");
        else if (event.kind === "lens") lens.fill(event.pieces);
        else if (event.fork === 0) {
          if (event.lens) lens.add(event.index, event.lens);
          if (stream) context.line(event.token);
        }
      },
    });
    if (result.lensLeft && !context.signal.aborted)
      await caller.call(
        "lensRest",
        { id: result.lensLeft.id },
        {
          signal: context.signal,
          onProgress({ pieces, done, total }) {
            lens.fill(pieces);
            context.progress(done, total, "completing the lens");
          },
        },
      );
    const document = { ...flatten(result), ...lens.document() };
    if (!stream) return document;
    const { tokens: _tokens, ...rest } = document;
    if (!context.signal.aborted) context.line(rest);
    return undefined;
  },
  table(result: ReturnType<typeof flatten>) {
    const { tokens, generateMs } = result.timings;
    const speed = generateMs > 0 ? `${((1000 * tokens) / generateMs).toFixed(1)} tokens/s` : "";
    const thought = result.thought ? `(thought: ${result.thought.trim()})\n` : "";
    return `${thought}${result.text}\n\n${tokens} tokens, ${speed}, stopped by ${result.stop}`;
  },
};

/** The lens of the new tokens, in their order; cells that never came are null, and it says so. */
class LensColumns {
  private readonly tokens = new Map<number, TokenLens>();

  add(index: number, lens: TokenLens): void {
    this.tokens.set(index, lens);
  }

  fill(pieces: readonly LensPiece[]): void {
    for (const { index, rows, cells } of pieces)
      rows.forEach((row, k) => this.tokens.get(index)?.cells.splice(row, 1, cells[k] ?? null));
  }

  document(): { lens?: { tokens: TokenLens[]; partial: boolean } } {
    const tokens = [...this.tokens.values()];
    if (tokens.length === 0) return {};
    return { lens: { tokens, partial: tokens.some(({ cells }) => cells.includes(null)) } };
  }
}

function flatten(result: GenerateResult) {
  const fork = result.forks[0] ?? fail("internal", "the engine gave no answer");
  const votes = result.forks.length > 1 ? { votes: vote(result.forks.map(({ text }) => text)) } : {};
  return { ...fork, ...votes, timings: result.timings, altered: result.altered };
}

async function readParams(context: CommandContext): Promise<GenerateParams> {
  const { options } = context;
  const schema = options.text("schema");
  const grammar = options.text("grammar");
  if (schema !== undefined && grammar !== undefined) throw new UsageError("give either --schema or --grammar");
  const think = readThink(options.text("think"));
  const [extend, settle, samples] = [options.integer("extend"), options.number("settle"), options.integer("vote")];
  if (samples !== undefined && (samples < 2 || samples > 32)) throw new UsageError("--vote draws 2 to 32 answers");
  if (samples !== undefined && !((options.number("temperature") ?? 0) > 0))
    throw new UsageError("--vote needs --temperature: greedy answers are all the same");
  const [max, seed] = [options.integer("max"), options.integer("seed")];
  const interventions = await readInterventions(context);
  const edits = readEdits(context);
  return {
    input: await readInput(context),
    sampling: {
      ...greedy,
      temperature: options.number("temperature") ?? greedy.temperature,
      topK: options.integer("top-k") ?? greedy.topK,
      topP: options.number("top-p") ?? greedy.topP,
      minP: options.number("min-p") ?? greedy.minP,
      repeatPenalty: options.number("repeat-penalty") ?? greedy.repeatPenalty,
      ...(seed === undefined ? {} : { seed }),
    },
    top: options.integer("top") ?? 5,
    stop: options.list("stop"),
    ...(max === undefined ? {} : { max }),
    ...(think === undefined ? {} : { think }),
    ...(extend === undefined ? {} : { extend }),
    ...(settle === undefined ? {} : { settle: { nats: settle, every: 16 } }),
    ...(samples === undefined ? {} : { forks: Array.from({ length: samples }, () => ({ prefix: [] })) }),
    ...(schema === undefined ? {} : { form: { kind: "schema", schema: await readSchema(schema) } }),
    ...(grammar === undefined ? {} : { form: { kind: "gbnf", grammar: await readText(grammar) } }),
    ...(options.flag("lens") ? { lens: { sites: ["embed", "resid_post"], top: 3 } } : {}),
    ...(interventions.length > 0 ? { interventions } : {}),
    ...(edits.length > 0 ? { edits } : {}),
  };
}

async function readSchema(file: string): Promise<JsonSchema> {
  const value = await readJson(file);
  if (!isRecord(value)) fail("damagedFile", `'${file}' is not a JSON schema`, { remedy: "it must be an object" });
  return value;
}

function readThink(text: string | undefined): Think | undefined {
  if (text === undefined || text === "off" || text === "auto") return text;
  if (!/^\d+$/.test(text)) throw new UsageError(`--think is off, auto or a number of tokens, not '${text}'`);
  return Number(text);
}
