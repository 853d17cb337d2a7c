import path from "node:path";
import type {
  EditBenchResult,
  EditFactResult,
  EditInfo,
  EditLocateResult,
  EditProposal,
  EditTestResult,
  Fact,
} from "../../contract/acting";
import { fail } from "../../contract/errors";
import { type Command, type CommandContext, UsageError } from "../command";
import { readTexts } from "../corpus";
import { isRecord, readJsonLines } from "../inputs";
import { figure, table } from "../output";
import { onlyPlace, runAction, watched } from "../subcommands";

export const edit: Command = {
  name: "edit",
  summary: "change what the model knows, as an adapter beside it: fact, locate, propose, test, bench, info",
  usage:
    "fact --prompt P --subject S --from TEXT --to TEXT --method M --out F.gguf | locate --prompt P --subject S --from TEXT | propose --prompt P --subject S --from TEXT | test F.gguf --facts FILE | bench --facts FILE | info F.gguf",
  options: {
    prompt: { type: "string", help: "text that ends where the answer begins", value: "TEXT" },
    subject: { type: "string", help: "what the fact is about, as in the prompt", value: "TEXT" },
    from: { type: "string", help: "the old answer", value: "TEXT" },
    to: { type: "string", help: "the new answer", value: "TEXT" },
    "as-chat": { type: "boolean", help: "the prompt is a person's question, through the chat template" },
    method: { type: "string", help: "rank-one (the default) or neurons", value: "METHOD" },
    layer: { type: "string", help: "of a rank-one edit; found by causal tracing when absent", value: "L" },
    corpus: { type: "string", help: "text for the statistics of a rank-one edit", value: "FILE|DIR" },
    facts: {
      type: "string",
      help: "JSON Lines of {prompt, subject, from, to, paraphrases, neighbours}",
      value: "FILE",
    },
    scale: { type: "string", help: "test: the edit's scale (1)", value: "X" },
    out: { type: "string", help: "the adapter to write", value: "F.gguf" },
  },
  run: (context) => runAction("edit", { fact, locate, propose, test, bench, info }, context),
  table(result: EditFactResult | EditTestResult | EditBenchResult | EditInfo | EditLocateResult | EditProposal) {
    if ("neighbourhood" in result) return rates(result);
    if (!("before" in result)) return JSON.stringify(result, null, 2);
    const rows = [
      ["before", result.before.answer, result.before.pFrom, result.before.pTo],
      ["after", result.after.answer, result.after.pFrom, result.after.pTo],
    ];
    const where = result.neurons.length > 0 ? `neurons ${result.neurons.join(" ")}` : `layer ${result.layer}`;
    return [
      table(["", "answer", "p(old)", "p(new)"], rows),
      "",
      `${where}; KL ${figure(result.cost.kl)} nats on neutral text`,
      ...result.warnings,
      result.file,
    ].join("\n");
  },
};

async function readFacts(file: string): Promise<Fact[]> {
  return (await readJsonLines(file)).map((value, index) => parseFact(value, `line ${index + 1} of '${file}'`));
}

/** A fact as a file has it; every part is checked. */
export function parseFact(value: unknown, what: string): Fact {
  if (!isRecord(value)) fail("damagedFile", `${what} is not a fact`);
  const text = (key: string) => {
    const found = value[key];
    return typeof found === "string" ? found : fail("damagedFile", `${what} lacks '${key}'`);
  };
  const paraphrases = value["paraphrases"] ?? [];
  if (!Array.isArray(paraphrases) || !paraphrases.every((each) => typeof each === "string"))
    fail("damagedFile", `'paraphrases' of ${what} is not a list of texts`);
  const neighbours = value["neighbours"] ?? [];
  if (!Array.isArray(neighbours) || !neighbours.every(isNeighbour))
    fail("damagedFile", `'neighbours' of ${what} is not a list of {prompt, answer}`);
  return {
    prompt: text("prompt"),
    subject: text("subject"),
    from: text("from"),
    to: text("to"),
    paraphrases,
    neighbours,
    ...(value["chat"] === true ? { chat: true } : {}),
  };
}

function isNeighbour(value: unknown): value is { prompt: string; answer: string } {
  return isRecord(value) && typeof value["prompt"] === "string" && typeof value["answer"] === "string";
}

async function shared(context: CommandContext) {
  const { options } = context;
  const corpus = options.text("corpus");
  const seed = options.integer("seed");
  return {
    method: options.choice("method", ["rank-one", "neurons"]) ?? ("rank-one" as const),
    ...(corpus === undefined ? {} : { corpus: (await readTexts(corpus)).map(({ text }) => text) }),
    ...(seed === undefined ? {} : { seed }),
  };
}

async function fact(context: CommandContext): Promise<EditFactResult> {
  const { options } = context;
  const layer = options.integer("layer");
  const params = {
    prompt: options.required("prompt"),
    subject: options.required("subject"),
    from: options.required("from"),
    to: options.required("to"),
    ...(options.flag("as-chat") ? { chat: true } : {}),
    ...(await shared(context)),
    ...(layer === undefined ? {} : { layer }),
    out: path.resolve(options.required("out")),
  };
  const { caller } = await context.engine();
  return caller.call("editFact", params, watched(context));
}

/** A fact whose new answer does not matter. */
function askedFact({ options }: CommandContext): Fact {
  return {
    prompt: options.required("prompt"),
    subject: options.required("subject"),
    from: options.required("from"),
    to: options.text("to") ?? "-",
    ...(options.flag("as-chat") ? { chat: true } : {}),
  };
}

async function locate(context: CommandContext): Promise<EditLocateResult> {
  const asked = askedFact(context);
  const { caller } = await context.engine();
  return caller.call("editLocate", asked, watched(context));
}

async function propose(context: CommandContext): Promise<EditProposal> {
  const asked = askedFact(context);
  const { caller } = await context.engine();
  return caller.call("editPropose", asked, watched(context));
}

async function test(context: CommandContext, rest: string[]): Promise<EditTestResult> {
  const file = path.resolve(onlyPlace(rest, "edit"));
  const scale = context.options.number("scale");
  const facts = await readFacts(context.options.required("facts"));
  if (facts.length === 0) throw new UsageError("--facts names a file without facts");
  const { caller } = await context.engine();
  return caller.call("editTest", { file, facts, ...(scale === undefined ? {} : { scale }) }, watched(context));
}

async function bench(context: CommandContext): Promise<EditBenchResult> {
  const facts = await readFacts(context.options.required("facts"));
  const out = context.options.text("out");
  const params = { facts, ...(await shared(context)), ...(out === undefined ? {} : { folder: path.resolve(out) }) };
  const { caller } = await context.engine();
  return caller.call("editBench", params, watched(context));
}

async function info(context: CommandContext, rest: string[]): Promise<EditInfo> {
  return (await context.bareEngine()).call("editInfo", { file: path.resolve(onlyPlace(rest, "edit")) });
}

function rates(result: EditTestResult | EditBenchResult): string {
  const rows = Object.entries(result.rates).map(([name, { rate, low, high, n }]) => [
    name,
    rate,
    `[${figure(low)}, ${figure(high)}]`,
    n,
  ]);
  const more =
    "warnings" in result
      ? result.warnings
      : [
          `${result.unknown} facts the model does not know were left out; KL ${figure(result.kl)} nats; ${figure(result.seconds)} s`,
        ];
  return [table(["", "rate", "95 %", "n"], rows), "", ...more].join("\n");
}
