import { calibrationOf } from "../../agent/planning/calibration";
import type { PlanOptions } from "../../contract/plan";
import { UsageError, type Command, type CommandContext } from "../command";
import { cliWorkshop, openBrain, workshopOptions } from "../workshop";
import { tell } from "./agent";

export const plan: Command = {
  name: "plan",
  summary: "search for a way to a goal, then do it; events as JSON lines (planNode, planState, surprise, ...)",
  usage: "GOAL",
  options: {
    ...workshopOptions,
    alternatives: { type: "string", help: "different next steps proposed at a node (3)", value: "N" },
    samples: { type: "string", help: "judgements drawn for a node (3)", value: "K" },
    horizon: { type: "string", help: "steps imagined ahead before a node is valued (1)", value: "N" },
    lookahead: { type: "string", help: "new nodes before the next real action (9)", value: "N" },
    prune: { type: "string", help: "nodes valued below it are given up (0.3)", value: "0..1" },
    nodes: { type: "string", help: "nodes of the tree at most (32)", value: "N" },
    depth: { type: "string", help: "steps of a path at most (8)", value: "N" },
    "budget-tokens": { type: "string", help: "tokens at most", value: "N" },
    "budget-seconds": { type: "string", help: "seconds at most", value: "S" },
    "try-reversible": { type: "boolean", help: "try what can be taken back in place of imagining it" },
    calibration: { type: "boolean", help: "how well this model's predictions held so far, and nothing else" },
  },
  async run(context) {
    const goal = context.positionals.join(" ").trim();
    const { options } = context;
    if (options.flag("calibration") === (goal !== "")) throw new UsageError("give one of a goal or --calibration");
    const brain = await openBrain(context);
    const workshop = await cliWorkshop(context, brain);
    try {
      if (goal === "") return { brain: brain.name, ...calibrationOf(await workshop.calibration.load(brain.name)) };
      const seed = options.integer("seed");
      const params = { goal, mode: "plan" as const, plan: readOptions(context) };
      await tell(workshop.run({ ...params, ...(seed === undefined ? {} : { seed }) }), context);
      return undefined;
    } finally {
      await workshop.dispose();
    }
  },
};

function readOptions({ options }: CommandContext): PlanOptions {
  const given = <K extends string>(name: string, key: K): Partial<Record<K, number>> => {
    const value = options.integer(name);
    return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, number>>;
  };
  const [prune, seconds] = [options.number("prune"), options.number("budget-seconds")];
  return {
    ...given("alternatives", "alternatives"),
    ...given("samples", "samples"),
    ...given("horizon", "horizon"),
    ...given("lookahead", "lookahead"),
    ...(prune === undefined ? {} : { prune }),
    ...(options.flag("try-reversible") ? { tryReversible: true } : {}),
    limits: {
      ...given("nodes", "nodes"),
      ...given("depth", "depth"),
      ...given("budget-tokens", "tokens"),
      ...(seconds === undefined ? {} : { ms: seconds * 1000 }),
    },
  };
}
