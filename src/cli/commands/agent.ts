import type { GoalRun } from "../../agent/run/goalRun";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { AgentEvent, Attachment, RunBudget } from "../../contract/agent";
import { fail } from "../../contract/errors";
import { browserOptions } from "../browser";
import { UsageError, type Command, type CommandContext } from "../command";
import { cliWorkshop, openBrain, workshopOptions } from "../workshop";

export const agent: Command = {
  name: "agent",
  summary: "from a goal to an answer with tools; events as JSON lines",
  usage: "GOAL",
  options: {
    ...workshopOptions,
    "budget-steps": { type: "string", help: "steps at most (24)", value: "N" },
    "budget-tokens": { type: "string", help: "tokens at most", value: "N" },
    attach: { type: "string", help: "a text file to read with the goal", value: "FILE" },
    plan: { type: "boolean", help: "make a plan first" },
    resume: { type: "string", help: "go on with a run that broke off", value: "RUN" },
    ...browserOptions,
    undo: { type: "string", help: "take back the files a run wrote", value: "RUN" },
  },
  async run(context) {
    const goal = context.positionals.join(" ").trim();
    const { options } = context;
    const [resume, undo] = [options.text("resume"), options.text("undo")];
    if ([goal || undefined, resume, undo].filter((given) => given !== undefined).length !== 1) {
      throw new UsageError("give one of a goal, --resume or --undo");
    }
    if (options.text("attach") !== undefined && goal === "") throw new UsageError("--attach goes with a goal");
    const brain = await openBrain(context);
    const workshop = await cliWorkshop(context, brain);
    try {
      if (undo !== undefined) return await workshop.checkpoints.undo(undo);
      const budget = readBudget(context);
      const seed = options.integer("seed");
      const mode = options.flag("plan") ? ("plan" as const) : ("agent" as const);
      const attachments = await readAttachments(context);
      const run =
        resume === undefined
          ? workshop.run({ goal, mode, budget, ...attachments, ...(seed === undefined ? {} : { seed }) })
          : await workshop.resume(resume);
      await tell(run, context);
      return undefined;
    } finally {
      await workshop.dispose();
    }
  },
};

/** Writes each event as it happens; a run that ended in an error fails the call after its last line. */
export async function tell(run: GoalRun, context: CommandContext): Promise<void> {
  const stop = () => run.stop();
  context.signal.addEventListener("abort", stop, { once: true });
  const silence = run.onEvent((event) => context.line(event));
  const last: AgentEvent = await run.start();
  silence();
  context.signal.removeEventListener("abort", stop);
  if (last.type === "error") {
    const { code, message, remedy } = last.error;
    fail(code, message, remedy === undefined ? {} : { remedy });
  }
}

/** Bytes of a file that is read for a goal, at most. */
const largest = 4 << 20;

/** The file as the chat attaches it: text of a named origin. The run fits it to the model's context. */
async function readAttachments({ options }: CommandContext): Promise<{ attachments?: Attachment[] }> {
  const file = options.text("attach");
  if (file === undefined) return {};
  const found = await stat(file).catch((cause: unknown) => fail("fileMissing", `'${file}' cannot be read`, { cause }));
  if (!found.isFile()) fail("badArgument", `'${file}' is not a file`);
  if (found.size > largest) fail("tooLarge", `'${file}' is larger than 4 MiB`, { remedy: "attach a part of it" });
  const text = new TextDecoder().decode(await readFile(file));
  if (text.includes("\0")) fail("badArgument", `'${file}' is not text`);
  return { attachments: [{ label: path.basename(file), text }] };
}

function readBudget({ options }: CommandContext): Partial<RunBudget> {
  const [steps, tokens] = [options.integer("budget-steps"), options.integer("budget-tokens")];
  return { ...(steps === undefined ? {} : { steps }), ...(tokens === undefined ? {} : { tokens }) };
}
