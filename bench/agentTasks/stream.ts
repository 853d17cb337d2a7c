import { AgentRun } from "../../src/agent/loop";
import type { AgentPorts } from "../../src/agent/run/ports";
import { memoryJournal } from "../../src/agent/run/recorder";
import { TaintLedger } from "../../src/agent/run/taint";
import { Approvals, memoryStore } from "../../src/agent/tools/approvals";
import { Checkpoints, memoryCheckpoints } from "../../src/agent/tools/checkpoints";
import { findTools } from "../../src/agent/tools/builtin/findTools";
import { Forge } from "../../src/agent/tools/forge/forge";
import { Maker } from "../../src/agent/tools/forge/maker";
import { makeTool } from "../../src/agent/tools/forge/makeTool";
import { SandboxRunner } from "../../src/agent/tools/forge/sandboxRunner";
import { memoryRecord, memoryToolFiles } from "../../src/agent/tools/forge/stores";
import { ToolRegistry } from "../../src/agent/tools/registry";
import { HybridSelector } from "../../src/agent/tools/selection/hybridSelector";
import { nodeFiles } from "../../src/agent/node/nodeFiles";
import type { ToolUse } from "../../src/contract/tool";
import { localSandbox } from "../../src/sandbox/local";
import { families, type Family } from "./families";
import { Solver, type Task } from "./solver";
import { seeded } from "./random";

export interface StreamResult {
  solved: number;
  /** Tokens the brain wrote. */
  written: number;
  /** Tokens it computed: written, and those of prompts that were not in its cache. */
  computed: number;
  /** All tokens of prompts and replies. */
  all: number;
  /** Forged tools at the end. */
  tools: number;
}

/** `words`: no tools; `each`: a tool is made for every task and thrown away; `kept`: tools are made once and kept. */
export type Way = "words" | "each" | "kept";

/** Solves a shuffled stream of tasks, each a run of its own. */
export async function runStream(count: number, way: Way): Promise<StreamResult> {
  const forging = way !== "words";
  const tasks = drawTasks(count);
  const solver = new Solver(tasks, forging);
  const registry = new ToolRegistry();
  const files = await nodeFiles([process.cwd()]);
  const checkpoints = new Checkpoints(files, memoryCheckpoints());
  const forge = new Forge({
    files: memoryToolFiles(),
    approvals: memoryRecord<string>(),
    uses: memoryRecord<ToolUse>(),
    sandbox: new SandboxRunner(localSandbox()),
    registry,
    lend: { files, checkpoints },
    maker: new Maker(solver),
  });
  const selector = new HybridSelector(registry, {
    goalsOf: (name) => forge.list().find((each) => each.name === name)?.use.goals ?? [],
  });
  if (forging) {
    registry.add(findTools(registry, selector));
    registry.add(makeTool(forge, (run, names) => selector.keep(run, names)));
  }
  const ports: AgentPorts = {
    brain: solver,
    registry,
    selector,
    // The person of this bench says yes to each tool it is shown.
    approvals: new Approvals({ ask: () => Promise.resolve({ verdict: "once" }) }, memoryStore(), {
      policy: "read",
      trusted: true,
    }),
    journal: memoryJournal(),
    checkpoints,
    taint: new TaintLedger(),
    onUse: (use) => forge.used(use.name, use),
  };
  let solved = 0;
  for (const [i, task] of tasks.entries()) {
    const run = new AgentRun(ports, { goal: task.goal, mode: "agent", budget: { steps: 8 } }, `task${i}`);
    const end = await run.start();
    if (end.type === "answer" && end.text.endsWith(`The answer is ${JSON.stringify(task.answer)}.`)) solved++;
    if (way === "each")
      await forge.remove(
        forge.list().map(({ name }) => name),
        new AbortController().signal,
      );
    if (end.type !== "answer" && process.env["BENCH_VERBOSE"]) console.error(task.goal, end);
  }
  return { solved, ...solver.spent, tools: forge.list().length };
}

function drawTasks(count: number): Task[] {
  const random = seeded(5);
  const tasks = Array.from({ length: count }, (_, i) => {
    const family = families[i % families.length] as Family;
    const args = family.draw(random);
    return { family, args, goal: family.goal(args), answer: family.solve(args) };
  });
  for (let i = tasks.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [tasks[i], tasks[j]] = [tasks[j] as Task, tasks[i] as Task];
  }
  return tasks;
}
