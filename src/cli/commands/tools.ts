import { randomUUID } from "node:crypto";
import { callTool } from "../../agent/run/callTool";
import type { ForgeSpec } from "../../agent/prompts/forge";
import { parseForgeSpec } from "../../agent/prompts/forge";
import { ToolIndex } from "../../agent/tools/selection/toolIndex";
import type { ToolSpec } from "../../contract/chat";
import { fail } from "../../contract/errors";
import type { Json } from "../../contract/json";
import type { ToolInfo } from "../../contract/tool";
import { UsageError, type Command, type CommandContext } from "../command";
import { importedTools, importTools } from "../importedTools";
import { isRecord, parseJson, readJsonLines } from "../inputs";
import { table } from "../output";
import { cliWorkshop, openBrain, workshopOptions, type OpenWorkshop } from "../workshop";

type Action = (context: CommandContext, argument: string | undefined) => Promise<unknown>;

const actions: Record<string, Action> = {
  list,
  show,
  test,
  call,
  forge,
  approve,
  reject,
  trim,
  search,
  import: importFile,
};

export const tools: Command = {
  name: "tools",
  summary: "the workspace's tools: list, show, test, call, forge, approve, reject, trim, search, import",
  usage: `${Object.keys(actions).join(" | ")} ...`,
  options: {
    ...workshopOptions,
    queries: { type: "string", help: "search: JSON Lines of {id, query}", value: "FILE" },
    k: { type: "string", help: "search: results (10)", value: "N" },
    builtin: { type: "boolean", help: "search: among the built-in tools too" },
    days: { type: "string", help: "trim: tools not used for so many days (30)", value: "N" },
    yes: { type: "boolean", help: "trim: take them away, instead of only naming them" },
  },
  async run(context) {
    const [name = "list", argument] = context.positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`tools has no '${name}'`);
    return action(context, argument);
  },
  table(result: { tools?: ToolInfo[] }) {
    if (!result.tools) return JSON.stringify(result, null, 2);
    const rows = result.tools.map(({ name, source, state, effects, use, description }) => [
      name,
      source,
      state ?? "",
      effects.join(" "),
      use ? `${use.successes}/${use.calls}` : "",
      description.slice(0, 60),
    ]);
    return table(["name", "from", "state", "effects", "worked", "description"], rows);
  },
};

async function within<T>(context: CommandContext, work: (workshop: OpenWorkshop) => Promise<T>): Promise<T> {
  const workshop = await cliWorkshop(context);
  try {
    return await work(workshop);
  } finally {
    await workshop.dispose();
  }
}

function named(argument: string | undefined): string {
  if (argument === undefined) throw new UsageError("which tool?");
  return argument;
}

/** Forged tools with their state, and whatever else is offered. */
function infos({ registry, forge: forged }: OpenWorkshop): ToolInfo[] {
  return [...registry.infos().filter(({ source }) => source !== "forged"), ...forged.infos()];
}

function list(context: CommandContext): Promise<unknown> {
  return within(context, (workshop) => Promise.resolve({ tools: infos(workshop) }));
}

function show(context: CommandContext, argument: string | undefined): Promise<unknown> {
  const name = named(argument);
  return within<object>(context, (workshop) => {
    const forged = workshop.forge.list().find((each) => each.name === name);
    return Promise.resolve({ ...infoOf(workshop, name), ...(forged ? { text: forged.source } : {}) });
  });
}

function infoOf(workshop: OpenWorkshop, name: string): ToolInfo {
  const found = infos(workshop).find((each) => each.name === name);
  return (
    found ??
    fail("badArgument", `There is no tool ${name}`, { remedy: `near: ${workshop.registry.near(name).join(", ")}` })
  );
}

/** Checks of one tool file, or of all: types, schema, examples, and that a broken result fails them. */
function test(context: CommandContext, argument: string | undefined): Promise<unknown> {
  return within(context, (workshop) => {
    const all = workshop.forge.list().filter(({ name }) => argument === undefined || name === argument);
    if (argument !== undefined && all.length === 0) fail("badArgument", `There is no tool file ${argument}`);
    return Promise.resolve({
      tools: all.map(({ name, state, report: { ok, problems, examples } }) => ({
        name,
        state,
        ok,
        problems,
        examples,
      })),
    });
  });
}

function call(context: CommandContext, argument: string | undefined): Promise<unknown> {
  const name = named(argument);
  const text = context.positionals[2] ?? "{}";
  const args = parseJson(text, "the arguments");
  if (!isRecord(args)) throw new UsageError("the arguments are a JSON object");
  return within(context, async (workshop) => {
    const { registry } = workshop;
    const outcome = await callTool(
      { name, arguments: args as Record<string, Json> },
      {
        run: `cli-${randomUUID()}`,
        step: 1,
        signal: context.signal,
        registry,
        approvals: workshop.approvals(),
        clock: { now: () => Date.now() },
        offered: new Set(registry.all().map((tool) => tool.name)),
        limit: 100_000,
        emit: () => Promise.resolve(),
      },
    );
    if (!outcome.ok) fail("brainFailure", outcome.text);
    return { name, text: outcome.text, ms: outcome.ms };
  });
}

/** Makes a tool from a request in words, or from an order as JSON. The result is a draft to be approved. */
async function forge(context: CommandContext, argument: string | undefined): Promise<unknown> {
  const request = named(argument);
  const order = request.trimStart().startsWith("{") ? readOrder(request) : request;
  const brain = await openBrain(context);
  const workshop = await cliWorkshop(context, brain);
  try {
    const { forged, existing } = await workshop.forge.make(order, context.signal);
    const { name, path, hash, state, report } = forged;
    return {
      name,
      file: path,
      hash,
      state,
      existing,
      ok: report.ok,
      problems: report.problems,
      examples: report.examples,
    };
  } finally {
    await workshop.dispose();
  }
}

function readOrder(text: string): ForgeSpec {
  const order = parseForgeSpec(text);
  return order.ok ? order.value : fail("badArgument", order.error.message);
}

/** A person's yes to the file as it is now. */
function approve(context: CommandContext, argument: string | undefined): Promise<unknown> {
  const name = named(argument);
  return within(context, async ({ forge: forged }) => {
    const found =
      forged.list().find((each) => each.name === name) ?? fail("badArgument", `There is no tool file ${name}`);
    const { state, hash } = await forged.approve(name, found.hash, context.signal);
    return { name, state, hash };
  });
}

function reject(context: CommandContext, argument: string | undefined): Promise<unknown> {
  const name = named(argument);
  return within(context, async ({ forge: forged }) => {
    const { state } = await forged.reject(name, context.signal);
    return { name, state };
  });
}

function trim(context: CommandContext): Promise<unknown> {
  return within(context, async ({ forge: forged }) => {
    const names = forged.trimmable(context.options.integer("days") ?? 30).map(({ name }) => name);
    const doubles = await forged.duplicates(context.signal);
    const gone = context.options.flag("yes");
    if (gone) await forged.remove(names, context.signal);
    return { unused: names, removed: gone, duplicates: doubles };
  });
}

/** Tool descriptions for search and selection, kept with the workspace. They have nothing to run. */
async function importFile(context: CommandContext, argument: string | undefined): Promise<unknown> {
  if (argument === undefined) throw new UsageError("which file?");
  return { imported: await importTools(context, (await readJsonLines(argument)).map(readSpec)) };
}

function readSpec(value: unknown, index: number): ToolSpec {
  if (!isRecord(value) || typeof value["name"] !== "string") fail("damagedFile", `Line ${index + 1} has no name`);
  const { name, description, parameters } = value;
  return {
    name: name as string,
    description: typeof description === "string" ? description : "",
    parameters: isRecord(parameters) ? parameters : { type: "object" },
  };
}

async function search(context: CommandContext, argument: string | undefined): Promise<unknown> {
  const { options } = context;
  const file = options.text("queries");
  if ((file === undefined) === (argument === undefined)) throw new UsageError("give either a query or --queries");
  const k = options.integer("k") ?? 10;
  const queries =
    file === undefined ? [{ id: "1", query: argument as string }] : (await readJsonLines(file)).map(readQuery);
  const known = await within(context, (workshop) => Promise.resolve(infos(workshop)));
  const own = known.filter(({ source }) => options.flag("builtin") || source !== "builtin");
  const index = new ToolIndex([...own, ...(await importedTools(context))]);
  const results = queries.map(({ id, query }) => ({ id, results: index.search(query, k) }));
  if (file === undefined) return results[0];
  results.forEach((result) => context.line(result));
  return undefined;
}

function readQuery(value: unknown, index: number): { id: string; query: string } {
  if (!isRecord(value) || typeof value["query"] !== "string") fail("damagedFile", `Line ${index + 1} has no query`);
  return { id: String(value["id"] ?? index + 1), query: value["query"] as string };
}
