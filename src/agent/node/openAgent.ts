import { randomUUID } from "node:crypto";
import path from "node:path";
import type { Clock, GoalParams, JournalPort, MemoryPort } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import type { CalibrationPort } from "../../contract/plan";
import { fail } from "../../contract/errors";
import type {
  ApprovalsPort,
  CommandPort,
  EditorPort,
  FetchPort,
  FilesPort,
  HostCallLog,
  SearchPort,
} from "../../contract/tool";
import { AgentRun, resumeRun } from "../loop";
import type { AgentPorts } from "../run/ports";
import { TaintLedger } from "../run/taint";
import { PlanRun } from "../planning/run";
import { resumePlan } from "../planning/resume";
import type { GoalRun } from "../run/goalRun";
import { Approvals, type ApprovalPolicy } from "../tools/approvals";
import { commandTool } from "../tools/builtin/command";
import { fileTools } from "../tools/builtin/files";
import { findTools } from "../tools/builtin/findTools";
import { askModelTool, editorTools, memoryTools } from "../tools/builtin/others";
import { fetchTool } from "../tools/builtin/web";
import { Checkpoints } from "../tools/checkpoints";
import { Forge } from "../tools/forge/forge";
import { Maker } from "../tools/forge/maker";
import { makeTool } from "../tools/forge/makeTool";
import { SandboxRunner, type SandboxPort } from "../tools/forge/sandboxRunner";
import { sha256 } from "../tools/hash";
import { ToolRegistry } from "../tools/registry";
import type { Tool } from "../tools/tool";
import { HybridSelector } from "../tools/selection/hybridSelector";
import type { VectorPort } from "../tools/selection/toolIndex";
import { fileRecord, fileUses, folderToolFiles, isText } from "./forgeStores";
import { fileCalibration } from "./calibrationFile";
import { nodeCommand } from "./nodeCommand";
import { nodeFetch } from "./nodeFetch";
import { nodeFiles } from "./nodeFiles";
import { nodeSearch } from "./nodeSearch";
import { fileApprovals, fileCheckpoints, fileJournal } from "./nodeStores";

export interface AgentOptions {
  /** The workspace folders; the first holds `.vitrine/`. */
  folders: readonly string[];
  /** A folder of the user's own, outside of any workspace: what a person approved is kept there. */
  storage: string;
  brain: Brain;
  /** Makes tools; the brain itself when absent. */
  maker?: Brain;
  /** Answers `ask_model`; the tool is absent without. */
  other?: Brain;
  sandbox: SandboxPort;
  ask: ApprovalsPort;
  policy: ApprovalPolicy;
  trusted: boolean;
  /** ripgrep, where there is one. */
  ripgrep?: string;
  editor?: EditorPort;
  memory?: MemoryPort;
  vectors?: VectorPort;
  clock?: Clock;
  /** Tools that whoever opens the agent brings: the browser's, the editor's. */
  tools?: readonly Tool[];
  onLog?: (tool: string, log: HostCallLog[]) => void;
  /** In place of those of the machine. */
  ports?: { fetch?: FetchPort; command?: CommandPort; search?: SearchPort };
}

/** The agent of a workspace with all it is made of: one for the host and for the command line. */
export interface Agent {
  registry: ToolRegistry;
  forge: Forge;
  selector: HybridSelector;
  /** Fresh for a run or a call by hand: what is allowed for a run ends with it. */
  approvals(): Approvals;
  checkpoints: Checkpoints;
  journal: JournalPort;
  files: FilesPort;
  /** A new run; `start()` begins it. */
  run(params: GoalParams): GoalRun;
  /** A run that broke off. */
  resume(id: string): Promise<GoalRun>;
  /** A run that is over, to take back what it wrote. */
  reopen(id: string, goal: string): GoalRun;
  /** Predictions of the world model held against what came, over all runs of this workspace. */
  calibration: CalibrationPort;
}

/** Opens the agent of a workspace: its built-in tools, its approved forged tools, its journal. */
export async function openAgent(options: AgentOptions, signal: AbortSignal): Promise<Agent> {
  const [first] = options.folders;
  if (first === undefined) fail("badArgument", "The agent needs a folder to work in.", { remedy: "Open a folder." });
  const files = await nodeFiles(options.folders);
  const root = files.roots()[0] ?? first;
  const own = path.join(root, ".vitrine");
  const kept = path.join(options.storage, sha256(root).slice(0, 16));
  const registry = new ToolRegistry();
  const checkpoints = new Checkpoints(files, fileCheckpoints(path.join(own, "runs")));
  const fetcher = options.ports?.fetch ?? nodeFetch();
  const forge = new Forge({
    files: folderToolFiles(path.join(own, "tools")),
    approvals: fileRecord(path.join(kept, "tools.json"), isText),
    texts: fileRecord(path.join(kept, "toolTexts.json"), isText),
    uses: fileUses(path.join(own, "tools", "uses.json")),
    sandbox: new SandboxRunner(options.sandbox),
    registry,
    lend: { files, checkpoints, fetch: fetcher, brain: options.other ?? options.brain },
    maker: new Maker(options.maker ?? options.brain),
    ...(options.clock ? { now: () => options.clock?.now() ?? Date.now() } : {}),
    ...(options.onLog ? { onLog: options.onLog } : {}),
  });
  const selector = new HybridSelector(registry, {
    goalsOf: (name) => forge.list().find((each) => each.name === name)?.use.goals ?? [],
    ...(options.vectors ? { vectors: options.vectors } : {}),
  });
  const taint = new TaintLedger();
  const journal = fileJournal(path.join(own, "runs"));
  const calibration = fileCalibration(path.join(own, "plans", "calibration.jsonl"));
  const builtin = [
    ...fileTools(files, options.ports?.search ?? nodeSearch(files, options.ripgrep), checkpoints),
    commandTool(options.ports?.command ?? nodeCommand(root)),
    fetchTool(fetcher),
    ...(options.other ? [askModelTool(options.other)] : []),
    ...(options.editor ? editorTools(options.editor, files) : []),
    ...(options.memory ? memoryTools(options.memory, (run) => taint.of(run)) : []),
    findTools(registry, selector),
    makeTool(forge, (run, names) => selector.keep(run, names)),
    ...(options.tools ?? []),
  ];
  builtin.forEach((tool) => registry.add(tool));
  // Forged tools are files of the workspace: in one that is not trusted none of them is even read.
  if (options.trusted) await forge.refresh(signal);
  const approvals = (): Approvals =>
    new Approvals(options.ask, fileApprovals(path.join(kept, "approvals.json")), {
      policy: options.policy,
      trusted: options.trusted,
    });
  // What was allowed for a run ends with it.
  const ports = (): AgentPorts => ({
    brain: options.brain,
    registry,
    selector,
    approvals: approvals(),
    journal,
    checkpoints,
    taint,
    ...(options.memory ? { memory: options.memory } : {}),
    ...(options.clock ? { clock: options.clock } : {}),
    onUse: (use) => forge.used(use.name, use),
  });
  return {
    registry,
    forge,
    selector,
    approvals,
    checkpoints,
    journal,
    files,
    calibration,
    run: (params) => {
      const id = runName(options.clock?.now() ?? Date.now());
      return params.mode === "plan"
        ? new PlanRun({ ...ports(), calibration }, params, id)
        : new AgentRun(ports(), params, id);
    },
    resume: async (id) => (await resumePlan({ ...ports(), calibration }, id)) ?? resumeRun(ports(), id),
    reopen: (id, goal) => new AgentRun(ports(), { goal, mode: "agent" }, id),
  };
}

/** Sorts by time: 20260102-030405-1a2b3c4d. */
function runName(now: number): string {
  const at = new Date(now).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${at}-${randomUUID().slice(0, 8)}`;
}
