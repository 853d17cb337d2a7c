import type { Clock, JournalPort, MemoryPort } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import type { Approvals } from "../tools/approvals";
import type { Checkpoints } from "../tools/checkpoints";
import type { ToolRegistry } from "../tools/registry";
import type { ToolSelector } from "../tools/selection/selector";
import type { TaintLedger } from "./taint";

/** Everything a run needs from outside. */
export interface AgentPorts {
  brain: Brain;
  registry: ToolRegistry;
  selector: ToolSelector;
  approvals: Approvals;
  journal: JournalPort;
  checkpoints: Checkpoints;
  taint: TaintLedger;
  memory?: MemoryPort;
  clock?: Clock;
  /** Told of every use of a tool: statistics, selection by past goals, a failing input for the maker. */
  onUse?: (use: ToolUsed) => Promise<void>;
}

export interface ToolUsed {
  name: string;
  arguments: Record<string, unknown>;
  ok: boolean;
  error?: string;
  ms: number;
  goal: string;
}
