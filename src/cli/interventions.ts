import path from "node:path";
import type { DirectionUse } from "../contract/acting";
import { fail } from "../contract/errors";
import { allSites, layerlessSites, type Intervention, type Operation, type Site } from "../contract/sites";
import type { EditUse } from "../contract/verbs";
import { UsageError, type CommandContext, type OptionSpecs } from "./command";
import { isRecord, readJson } from "./inputs";

/** Options that alter a run; wherever a model runs. */
export const interventionOptions: OptionSpecs = {
  ablate: {
    type: "string",
    multiple: true,
    help: "zero a site: mlp_out.3, z.3.5 (head), mlp_post.3.120 (neuron)",
    value: "SITE",
  },
  steer: {
    type: "string",
    multiple: true,
    help: "add a direction; strength in the layer's residual norms (or zero, mean), layers as 3,4",
    value: "FILE.gguf[:STRENGTH[:LAYERS]]",
  },
  edit: { type: "string", multiple: true, help: "switch an edit on, scaled", value: "FILE.gguf[:SCALE]" },
  intervene: { type: "string", multiple: true, help: "a JSON file of interventions", value: "FILE" },
};

/** Gathers every intervention the call asks for, in the order of the options. */
export async function readInterventions(context: CommandContext): Promise<Intervention[]> {
  const ablations = context.options.list("ablate").map(parseAblation);
  const files = await Promise.all(context.options.list("intervene").map(readInterventionFile));
  return [...ablations, ...(await readSteering(context)), ...files.flat()];
}

/** Directions become interventions in the engine: only there is it known how long the model's residuals are. */
async function readSteering(context: CommandContext): Promise<Intervention[]> {
  const uses = context.options.list("steer").map(parseSteer);
  if (uses.length === 0) return [];
  const { caller } = await context.engine();
  const lists = await Promise.all(
    uses.map((use) => caller.call("directionInterventions", use, { signal: context.signal })),
  );
  return lists.flatMap(({ interventions }) => interventions);
}

/** `FILE.gguf[:STRENGTH[:LAYERS]]`; `zero` and `mean` in the strength's place take the direction away. */
export function parseSteer(text: string): DirectionUse {
  const { file, rest } = afterFile(text, "--steer");
  const [strength, layers, ...more] = rest;
  if (more.length > 0) throw new UsageError(`--steer '${text}' has too many parts`);
  const mode = strength === "zero" || strength === "mean" ? strength : "add";
  return {
    file,
    mode,
    ...(mode === "add" && strength !== undefined ? { strength: number(strength, `--steer '${text}'`) } : {}),
    ...(layers === undefined
      ? {}
      : { layers: layers.split(",").map((each) => layerNumber(each, `--steer '${text}'`)) }),
  };
}

/** The edits that the call switches on. */
export function readEdits(context: CommandContext): EditUse[] {
  return context.options.list("edit").map(parseEdit);
}

export function parseEdit(text: string): EditUse {
  const { file, rest } = afterFile(text, "--edit");
  if (rest.length > 1) throw new UsageError(`--edit '${text}' has too many parts`);
  return rest[0] === undefined ? { file } : { file, scale: number(rest[0], `--edit '${text}'`) };
}

/** A path may hold colons itself (`C:\\x.gguf`): what follows `.gguf` is the rest. */
function afterFile(text: string, option: string): { file: string; rest: string[] } {
  const match = /^(.+?\.gguf)(?::(.*))?$/i.exec(text);
  if (!match) throw new UsageError(`${option} '${text}' names no .gguf file`);
  return { file: path.resolve(match[1]!), rest: match[2] === undefined ? [] : match[2].split(":") };
}

function number(text: string, what: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new UsageError(`${what}: '${text}' is no number`);
  return value;
}

function layerNumber(text: string, what: string): number {
  return wholeNumber(text.trim()) ?? fail("badArgument", `${what}: '${text}' is no layer`);
}

/** `SITE.LAYER[.INDEX]`: zeroes the whole site, one head of `z`, or one neuron of `mlp_post`. */
export function parseAblation(text: string): Intervention {
  const [name, layerText, indexText, ...rest] = text.split(".");
  const site = allSites.find((known) => known === name);
  if (!site || rest.length > 0) throw new UsageError(`--ablate '${text}' is no site; write for example mlp_out.3`);
  const layer = wholeNumber(layerText);
  if (!layerlessSites.includes(site) && layer === undefined) throw new UsageError(`--ablate '${text}' lacks a layer`);
  const index = wholeNumber(indexText);
  if (indexText !== undefined && index === undefined)
    throw new UsageError(`--ablate '${text}': '${indexText}' is no index`);
  return {
    site,
    ...(layer === undefined ? {} : { layer }),
    where: "all",
    operation: "zero",
    ...(index === undefined ? {} : { indices: [index], ...(site === "z" ? { unit: "head" as const } : {}) }),
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

const operations: Operation[] = ["add", "set", "scale", "zero", "mean", "projectOut", "patch", "clamp"];

async function readInterventionFile(file: string): Promise<Intervention[]> {
  const value = await readJson(file);
  const list = Array.isArray(value) ? value : [value];
  return list.map((item, index) => parseIntervention(item, `entry ${index + 1} of '${file}'`));
}

/** An intervention as JSON: as in the contract, `values` a list of numbers. The engine checks widths and ranges. */
export function parseIntervention(value: unknown, what: string): Intervention {
  if (!isRecord(value)) fail("damagedFile", `${what} is not an intervention`);
  const site = allSites.find((known) => known === value["site"]) as Site | undefined;
  if (!site)
    fail("noSuchSite", `${what}: '${String(value["site"])}' is no site`, { remedy: `one of ${allSites.join(", ")}` });
  const operation = operations.find((known) => known === value["operation"]);
  if (!operation) fail("badArgument", `${what} has no operation`, { remedy: `one of ${operations.join(", ")}` });
  const values = value["values"];
  if (values !== undefined && !isNumberList(values))
    fail("notFinite", `'values' of ${what} is not a list of finite numbers`);
  const { values: _values, site: _site, operation: _operation, where, ...rest } = value;
  return {
    ...(rest as Partial<Intervention>),
    site,
    operation,
    where: (where as Intervention["where"]) ?? "all",
    ...(values ? { values: Float32Array.from(values) } : {}),
  };
}

function isNumberList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number" && Number.isFinite(item));
}
