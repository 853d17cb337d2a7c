import { Researches } from "../../agent/node/openResearch";
import type { Research } from "../../agent/research/research";
import type { MemoryPort } from "../../contract/agent";
import { fail } from "../../contract/errors";
import type { ResearchBudget, ResearchView, SourceKind } from "../../contract/research";
import { UsageError, type Command, type CommandContext } from "../command";
import { table } from "../output";
import { onlyPlace } from "../subcommands";
import { cliMemory, openBrain, workshopOptions, workspaceFolder } from "../workshop";

const kinds: readonly SourceKind[] = ["file", "memory", "web", "page", "browser"];

export const research: Command = {
  name: "research",
  summary: "from a question to a report whose every claim is cited; events as JSON lines",
  usage: "QUESTION | list | check ID | --resume ID",
  options: {
    server: workshopOptions["server"] ?? fail("internal", "There is no such option."),
    "server-model": workshopOptions["server-model"] ?? fail("internal", "There is no such option."),
    memory: workshopOptions["memory"] ?? fail("internal", "There is no such option."),
    "search-engine": { type: "string", help: "address of a SearXNG instance", value: "URL" },
    sources: { type: "string", help: `some of ${kinds.join(",")} (all that are there)`, value: "LIST" },
    resume: { type: "string", help: "go on with a research that was paused or broke off", value: "ID" },
    "budget-rounds": { type: "string", help: "rounds of questions at most (3)", value: "N" },
    "budget-reads": { type: "string", help: "texts read at most (24)", value: "N" },
    "budget-tokens": { type: "string", help: "tokens at most", value: "N" },
  },
  async run(context) {
    const [first, ...rest] = context.positionals;
    if (first === "list" && rest.length === 0) return (await open(context)).list();
    if (first === "check") return check(context, onlyPlace(rest, "research"));
    const question = context.positionals.join(" ").trim();
    const resume = context.options.text("resume");
    if ((question === "") === (resume === undefined)) throw new UsageError("give either a question or --resume");
    const brain = await openBrain(context);
    const memory = context.options.text("memory") === "off" ? undefined : cliMemory(context, brain);
    try {
      await go(context, await open(context, brain, memory?.port));
    } finally {
      await memory?.close();
    }
    return undefined;
  },
  table(result: ResearchView[] | object) {
    if (!Array.isArray(result)) return JSON.stringify(result, null, 2);
    return table(
      ["research", "state", "claims", "report", "question"],
      (result as ResearchView[]).map(({ id, state, notes, report, question }) => [
        id,
        state,
        notes,
        report ?? "",
        question,
      ]),
    );
  },
};

async function go(context: CommandContext, researches: Researches): Promise<void> {
  const resume = context.options.text("resume");
  const question = context.positionals.join(" ").trim();
  const sources = sourcesOf(context);
  const made =
    resume === undefined
      ? researches.create({ question, budget: budgetOf(context), ...(sources ? { sources } : {}) })
      : await researches.resume(resume);
  await follow(made, context);
}

/** Looking at researches thinks nothing. */
async function open(
  context: CommandContext,
  brain?: Awaited<ReturnType<typeof openBrain>>,
  memory?: Pick<MemoryPort, "search">,
): Promise<Researches> {
  const searchEngine = context.options.text("search-engine") ?? process.env["VITRINE_SEARCH_ENGINE"];
  return Researches.open({
    folders: [workspaceFolder(context)],
    brain: brain ?? {
      name: "none",
      local: true,
      context: 0,
      count: () => Promise.resolve(0),
      reply: () => Promise.resolve().then(() => fail("noModel", "No model is asked here.")),
    },
    ...(memory ? { memory } : {}),
    ...(searchEngine ? { searchEngine } : {}),
  });
}

/** Every citation opened by its link. A report with one that does not hold fails the call. */
async function check(context: CommandContext, id: string): Promise<unknown> {
  const citations = await (await open(context)).check(id);
  const holding = citations.filter(({ holds }) => holds).length;
  const result = { id, citations: citations.length, holding, of: citations };
  if (holding === citations.length) return result;
  context.line(result);
  return fail("damagedFile", `${citations.length - holding} of ${citations.length} citations do not hold`, {
    remedy: "the sources were changed since they were read",
  });
}

async function follow(made: Research, context: CommandContext): Promise<void> {
  const stop = () => made.pause();
  context.signal.addEventListener("abort", stop, { once: true });
  made.onEvent((event, view) => {
    context.line(event);
    context.progress(view.progress, 1, view.doing.kind);
  });
  const view = await made.run();
  context.signal.removeEventListener("abort", stop);
  if (view.error) fail(view.error.code, view.error.message, view.error.remedy ? { remedy: view.error.remedy } : {});
}

function sourcesOf({ options }: CommandContext): SourceKind[] | undefined {
  const text = options.text("sources");
  return text?.split(",").map((name) => {
    const kind = kinds.find((each) => each === name.trim());
    if (!kind) throw new UsageError(`--sources takes some of ${kinds.join(",")}, not '${name}'`);
    return kind;
  });
}

function budgetOf({ options }: CommandContext): Partial<ResearchBudget> {
  const out: Partial<ResearchBudget> = {};
  for (const name of ["rounds", "reads", "tokens"] as const) {
    const value = options.integer(`budget-${name}`);
    if (value === undefined) continue;
    if (value < 1) throw new UsageError(`--budget-${name} must be at least 1`);
    out[name] = value;
  }
  return out;
}
