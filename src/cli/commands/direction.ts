import path from "node:path";
import type {
  BehaviourRates,
  DirectionExtractResult,
  DirectionInfo,
  DirectionTestResult,
  PromptSet,
} from "../../contract/acting";
import { fail } from "../../contract/errors";
import type { Caller } from "../../contract/method";
import type { EngineMethods } from "../../contract/engine";
import { UsageError, type Command, type CommandContext } from "../command";
import { readBehaviour, readPrompts, readText } from "../inputs";
import { figure, table } from "../output";
import { numberList, onlyPlace, runAction, watched } from "../subcommands";

export const direction: Command = {
  name: "direction",
  summary: "the vector that stands for a behaviour: extract, test, info, sets",
  usage:
    "extract --positive FILE --negative FILE --out F.gguf | test F.gguf --positive FILE --negative FILE | info F.gguf | sets",
  options: {
    set: {
      type: "string",
      help: "a shipped prompt set instead of files: extract takes its training part, test what is held out (see 'direction sets')",
      value: "ID",
    },
    positive: { type: "string", help: "prompts where the behaviour appears", value: "FILE" },
    negative: { type: "string", help: "prompts where it does not", value: "FILE" },
    behaviour: { type: "string", help: "how the behaviour is recognised in an answer", value: "FILE.json" },
    neutral: { type: "string", help: "neutral text, a passage a line, for the cost", value: "FILE" },
    layer: { type: "string", help: "auto (the default), all, or a layer", value: "auto|all|L" },
    method: { type: "string", help: "meanDifference (the default) or pairedPca", value: "NAME" },
    positions: { type: "string", help: "from the prompt's end (-1,-2,-3,-4,-5)", value: "LIST" },
    name: { type: "string", help: "the direction's name", value: "NAME" },
    strength: { type: "string", help: "test: in units of the layer's residual norm", value: "X" },
    max: { type: "string", help: "test: tokens an answer (40)", value: "N" },
    think: { type: "string", help: "off or auto", value: "off|auto" },
    out: { type: "string", help: "extract: the control vector to write", value: "F.gguf" },
  },
  run: (context) => runAction("direction", { extract, test, info, sets }, context),
  table(result: DirectionExtractResult | DirectionTestResult | DirectionInfo | { sets: PromptSet[] }) {
    if ("sets" in result) {
      return table(
        ["set", "title", "positive", "negative", "held out"],
        result.sets.map((set) => [
          set.id,
          set.title,
          set.positive.length,
          set.negative.length,
          (set.heldOut?.positive.length ?? 0) + (set.heldOut?.negative.length ?? 0),
        ]),
      );
    }
    if ("candidates" in result) return extracted(result);
    if ("baseline" in result) return tested(result);
    const rows = result.norms.map(({ layer, norm, scale }) => [layer, norm, scale === undefined ? "" : figure(scale)]);
    return `${result.name} (${result.convention})\n\n${table(["layer", "length", "residual norm"], rows)}\n${result.warnings.join("\n")}`;
  },
};

async function sides(
  context: CommandContext,
  caller: Caller<EngineMethods>,
  part: "find" | "prove",
): Promise<Pick<PromptSet, "positive" | "negative" | "behaviour">> {
  const { options } = context;
  const id = options.text("set");
  const behaviourFile = options.text("behaviour");
  const behaviour = behaviourFile === undefined ? undefined : await readBehaviour(behaviourFile);
  if (id !== undefined) {
    const { sets: shipped } = await caller.call("promptSets", {});
    const found = shipped.find((set) => set.id === id);
    if (!found) throw new UsageError(`there is no set '${id}'; there are ${shipped.map((set) => set.id).join(", ")}`);
    const own = part === "prove" && found.heldOut ? { ...found, ...found.heldOut } : found;
    return behaviour ? { ...own, behaviour } : own;
  }
  return {
    positive: await readPrompts(options.required("positive")),
    negative: await readPrompts(options.required("negative")),
    ...(behaviour ? { behaviour } : {}),
  };
}

async function common(context: CommandContext) {
  const { options } = context;
  const neutral = options.text("neutral");
  const think = options.choice("think", ["off", "auto"]);
  return {
    ...(neutral === undefined ? {} : { neutral: (await readText(neutral)).split("\n").filter((line) => line.trim()) }),
    ...(think === undefined ? {} : { think }),
  };
}

async function extract(context: CommandContext): Promise<DirectionExtractResult> {
  const { options } = context;
  const out = path.resolve(options.required("out"));
  const positions = options.text("positions");
  const { caller } = await context.engine();
  const { positive, negative, behaviour } = await sides(context, caller, "find");
  const params = {
    positive,
    negative,
    ...(behaviour ? { behaviour } : {}),
    ...(await common(context)),
    method: options.choice("method", ["meanDifference", "pairedPca"]) ?? ("meanDifference" as const),
    layer: layerOption(options.text("layer")),
    ...(positions === undefined ? {} : { positions: numberList(positions, "--positions") }),
    name: options.text("name") ?? options.text("set") ?? path.basename(out, ".gguf"),
    out,
  };
  return caller.call("directionExtract", params, watched(context));
}

function layerOption(text: string | undefined): "auto" | "all" | number {
  if (text === undefined || text === "auto") return "auto";
  if (text === "all") return "all";
  if (!/^\d+$/.test(text)) throw new UsageError(`--layer takes auto, all or a number, not '${text}'`);
  return Number(text);
}

async function test(context: CommandContext, rest: string[]): Promise<DirectionTestResult> {
  const file = path.resolve(onlyPlace(rest, "direction"));
  const { options } = context;
  const [strength, max] = [options.number("strength"), options.integer("max")];
  const { caller } = await context.engine();
  const { positive, negative, behaviour } = await sides(context, caller, "prove");
  if (!behaviour) throw new UsageError("--behaviour is missing");
  const params = {
    file,
    positive,
    negative,
    behaviour,
    ...(await common(context)),
    ...(strength === undefined ? {} : { strength }),
    ...(max === undefined ? {} : { max }),
  };
  return caller.call("directionTest", params, watched(context));
}

async function info(context: CommandContext, rest: string[]): Promise<DirectionInfo> {
  const file = path.resolve(onlyPlace(rest, "direction"));
  return (await context.bareEngine()).call("directionInfo", { file });
}

async function sets(context: CommandContext, rest: string[]): Promise<{ sets: PromptSet[] }> {
  const { sets: shipped } = await (await context.bareEngine()).call("promptSets", {});
  if (rest.length === 0) return { sets: shipped };
  const found = shipped.filter((set) => rest.includes(set.id));
  return found.length > 0 ? { sets: found } : fail("badArgument", `there is no set '${rest[0]}'`);
}

function extracted(result: DirectionExtractResult): string {
  const rows = result.candidates.map((each) => [
    each.layer,
    each.position,
    each.auc,
    optional(each.ablated),
    optional(each.levelled),
    optional(each.added),
    optional(each.kl),
    each.rejected ?? "",
  ]);
  return [
    table(
      ["layer", "position", "AUC", "zeroed (log-odds)", "set to mean", "added", "KL (nats)", "left out because"],
      rows,
    ),
    "",
    `layer ${result.layer}, position ${result.position}; length ${figure(result.norm / result.scale)} residual norms; best taken away by: ${result.removal}`,
    ...result.warnings,
    result.file,
  ].join("\n");
}

const optional = (value: number | undefined) => (value === undefined ? "" : figure(value));

function tested(result: DirectionTestResult): string {
  const row = (name: string, rates: BehaviourRates, kl: number, perplexity: number) => [
    name,
    shown(rates.positive),
    shown(rates.negative),
    kl,
    perplexity,
  ];
  const { costs } = result;
  const rows = [
    row("plain", result.baseline, 0, result.perplexity.before),
    row("added", result.added, costs.added.kl, costs.added.perplexity.after),
    row("projected out", result.ablated, costs.ablated.kl, costs.ablated.perplexity.after),
    row("set to the mean", result.mean, costs.mean.kl, costs.mean.perplexity.after),
  ];
  const examples = result.examples.map(
    ({ mode, prompt, before, after, collapsed }) =>
      `${mode}: ${prompt}\n  before: ${before}\n  after:  ${after}${collapsed ? "  (the output has collapsed)" : ""}`,
  );
  return [table(["", "positive prompts", "negative prompts", "KL (nats)", "perplexity"], rows), "", ...examples].join(
    "\n",
  );
}

function shown({ rate, low, high, n }: BehaviourRates["positive"]): string {
  return `${figure(rate)} [${figure(low)}, ${figure(high)}] n ${n}`;
}
