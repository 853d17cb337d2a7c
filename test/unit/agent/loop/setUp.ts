import { AgentRun, resumeRun } from "../../../../src/agent/loop";
import type { AgentPorts, ToolUsed } from "../../../../src/agent/run/ports";
import { memoryJournal } from "../../../../src/agent/run/recorder";
import { TaintLedger } from "../../../../src/agent/run/taint";
import { Approvals, memoryStore, type ApprovalPolicy } from "../../../../src/agent/tools/approvals";
import { ToolRegistry } from "../../../../src/agent/tools/registry";
import type { ToolSelector } from "../../../../src/agent/tools/selection/selector";
import type { Tool } from "../../../../src/agent/tools/tool";
import type { AgentEvent, GoalParams } from "../../../../src/contract/agent";
import type { Brain } from "../../../../src/contract/brain";
import type { ApprovalDecision, ApprovalRequest } from "../../../../src/contract/tool";
import { TestWorkspace } from "../tools/workspace";

export interface SetUp {
  ports: AgentPorts;
  space: TestWorkspace;
  asked: ApprovalRequest[];
  used: ToolUsed[];
  journal: ReturnType<typeof memoryJournal>;
  /** Runs a goal to its end and gives the events that a journal keeps. */
  run(params?: Partial<GoalParams>, prepare?: (run: AgentRun) => void): Promise<AgentEvent[]>;
  resume(id: string, brain?: Brain): Promise<AgentEvent[]>;
}

export async function setUp(
  brain: Brain,
  options: {
    decision?: ApprovalDecision;
    policy?: ApprovalPolicy;
    trusted?: boolean;
    tools?: Tool[];
    files?: Record<string, string>;
  } = {},
): Promise<SetUp> {
  const space = await TestWorkspace.make(options.files ?? { "a.txt": "alpha\n" });
  const registry = new ToolRegistry();
  for (const tool of [...space.tools, ...(options.tools ?? [])]) registry.add(tool);
  const asked: ApprovalRequest[] = [];
  const used: ToolUsed[] = [];
  const approvals = new Approvals(
    { ask: (request) => (asked.push(request), Promise.resolve(options.decision ?? { verdict: "once" })) },
    memoryStore(),
    { policy: options.policy ?? "read", trusted: options.trusted ?? true },
  );
  const selector: ToolSelector = {
    pick: () => Promise.resolve({ tools: registry.all(), because: {}, ms: 0 }),
    search: () => Promise.resolve([]),
    keep: () => undefined,
  };
  const journal = memoryJournal();
  let now = 1_700_000_000_000;
  const ports: AgentPorts = {
    brain,
    registry,
    selector,
    approvals,
    journal,
    checkpoints: space.checkpoints,
    taint: new TaintLedger(),
    clock: { now: () => (now += 1) },
    onUse: (use) => (used.push(use), Promise.resolve()),
  };
  const collect = async (agent: AgentRun): Promise<AgentEvent[]> => {
    const events: AgentEvent[] = [];
    agent.onEvent((event) => {
      if (event.type !== "token") events.push(event);
    });
    const last = await agent.start();
    if (events.at(-1) !== last) throw new Error("the last event is not the one that start() gave");
    return events;
  };
  return {
    ports,
    space,
    asked,
    used,
    journal,
    run: (params = {}, prepare) => {
      const agent = new AgentRun(ports, { goal: "Do it", mode: "agent", ...params }, "r1");
      prepare?.(agent);
      return collect(agent);
    },
    resume: async (id, other) => collect(await resumeRun(other ? { ...ports, brain: other } : ports, id)),
  };
}

export function last<T extends AgentEvent["type"]>(events: AgentEvent[], type: T): Extract<AgentEvent, { type: T }> {
  const found = events.findLast((event) => event.type === type);
  if (!found) throw new Error(`no ${type} among ${events.map((event) => event.type).join(", ")}`);
  return found as Extract<AgentEvent, { type: T }>;
}
