import path from "node:path";
import type { MemoryPort } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import type { ApprovalsPort, EditorPort, HostCallLog } from "../../contract/tool";
import type { AgentPorts, ToolUsed } from "../loop";
import { TaintLedger } from "../run/taint";
import { Approvals, type ApprovalPolicy } from "../tools/approvals";
import { commandTool } from "../tools/builtin/command";
import { fileTools } from "../tools/builtin/files";
import { findTools } from "../tools/builtin/findTools";
import { askModelTool, editorTools, memoryTools } from "../tools/builtin/others";
import { fetchTool } from "../tools/builtin/web";
import { Checkpoints } from "../tools/checkpoints";
import { Forge } from "../tools/forge/forge";
import { makeTool } from "../tools/forge/makeTool";
import { Maker } from "../tools/forge/maker";
import { SandboxRunner, type SandboxPort } from "../tools/forge/sandboxRunner";
import { sha256 } from "../tools/hash";
import { ToolRegistry } from "../tools/registry";
import { HybridSelector } from "../tools/selection/hybridSelector";
import { nodeCommand } from "./nodeCommand";
import { nodeFetch } from "./nodeFetch";
import { nodeFiles } from "./nodeFiles";
import { nodeSearch } from "./nodeSearch";
import { fileApprovals, fileCheckpoints, fileJournal } from "./nodeStores";
import { fileToolApprovals, fileToolFiles, fileToolUses } from "./toolStores";

export interface WorkshopOptions {
  /** The workspace's folders; what the agent keeps lies under `.vitrine/` of the first. */
  folders: readonly string[];
  /** The person's own folder outside of any workspace: approvals are kept there. */
  home: string;
  sandbox: SandboxPort;
  ask: ApprovalsPort;
  policy: ApprovalPolicy;
  trusted: boolean;
  /** Makes tools; may be larger than the brain that uses them. */
  maker?: Brain;
  /** Another model that the agent may ask. */
  other?: Brain;
  memory?: MemoryPort;
  editor?: EditorPort;
  /** Path of ripgrep. */
  rg?: string;
  onLog?: (tool: string, log: HostCallLog[]) => void;
}

/** Everything of a workspace that runs share: its tools, what was approved, where runs are written. */
export interface Workshop {
  registry: ToolRegistry;
  forge: Forge;
  selector: HybridSelector;
  /** What a run with this brain needs. */
  ports(brain: Brain): AgentPorts;
}

/** Puts the agent's parts together over Node's files, processes and network. */
export async function openWorkshop(options: WorkshopOptions): Promise<Workshop> {
  const files = await nodeFiles(options.folders);
  const root = files.roots()[0] ?? path.resolve(".");
  const own = path.join(root, ".vitrine");
  // What a person approved is theirs, not the workspace's: no repository can bring its own.
  const kept = path.join(options.home, "approvals", sha256(root).slice(0, 32));
  const checkpoints = new Checkpoints(files, fileCheckpoints(path.join(own, "runs")));
  const taint = new TaintLedger();
  const registry = new ToolRegistry();
  const fetchPort = nodeFetch();
  const forge: Forge = new Forge({
    files: fileToolFiles(path.join(own, "tools")),
    approvals: fileToolApprovals(path.join(kept, "tools.json")),
    uses: fileToolUses(path.join(own, "tools", "uses.json")),
    sandbox: new SandboxRunner(options.sandbox),
    registry,
    lend: { files, checkpoints, fetch: fetchPort, ...(options.maker ? { brain: options.maker } : {}) },
    ...(options.maker ? { maker: new Maker(options.maker) } : {}),
    ...(options.onLog ? { onLog: options.onLog } : {}),
  });
  const goals = new Map<string, string[]>();
  const selector = new HybridSelector(registry, { goalsOf: (name) => goals.get(name) ?? [] });
  const builtIn = [
    ...fileTools(files, nodeSearch(files, options.rg), checkpoints),
    commandTool(nodeCommand(root)),
    fetchTool(fetchPort),
    findTools(registry, selector),
    ...(options.maker ? [makeTool(forge, (run, names) => selector.keep(run, names))] : []),
    ...(options.other ? [askModelTool(options.other)] : []),
    ...(options.editor ? editorTools(options.editor, files) : []),
    ...(options.memory ? memoryTools(options.memory, (run) => taint.of(run)) : []),
  ];
  for (const tool of builtIn) registry.add(tool);
  // Tool files of an untrusted folder are not even read.
  if (options.trusted) await forge.refresh(new AbortController().signal);
  for (const { name, use } of forge.list()) goals.set(name, use.goals);

  const approvals = () =>
    new Approvals(options.ask, fileApprovals(path.join(kept, "rules.json")), {
      policy: options.policy,
      trusted: options.trusted,
    });
  const onUse = async (use: ToolUsed): Promise<void> => {
    if (use.ok) goals.set(use.name, [use.goal, ...(goals.get(use.name) ?? [])].slice(0, 20));
    await forge.used(use.name, use);
  };
  return {
    registry,
    forge,
    selector,
    ports: (brain) => ({
      brain,
      registry,
      selector,
      // Rules made "for this run" end with it.
      approvals: approvals(),
      journal: fileJournal(path.join(own, "runs")),
      checkpoints,
      taint,
      onUse,
      ...(options.memory ? { memory: options.memory } : {}),
    }),
  };
}
