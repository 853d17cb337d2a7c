import { fail } from "../contract/errors";
import { allSites, layerlessSites, type Intervention, type Operation, type Site } from "../contract/sites";
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
  intervene: { type: "string", multiple: true, help: "a JSON file of interventions", value: "FILE" },
};

/** Gathers every intervention the call asks for, in the order of the options. */
export async function readInterventions(context: CommandContext): Promise<Intervention[]> {
  const ablations = context.options.list("ablate").map(parseAblation);
  const files = await Promise.all(context.options.list("intervene").map(readInterventionFile));
  return [...ablations, ...files.flat()];
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
