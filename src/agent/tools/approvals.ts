import { randomUUID } from "node:crypto";
import type { ApprovalDecision, ApprovalRequest, ApprovalsPort, ApprovalStore, Effect } from "../../contract/tool";
import { sha256 } from "./hash";
import type { PreparedCall, Tool } from "./tool";

/** What a run's settings allow without asking: nothing, reading, or everything that is not protected. */
export type ApprovalPolicy = "none" | "read" | "all";

export interface ApprovalOutcome {
  allowed: boolean;
  by: "person" | "rule" | "policy";
  decision: ApprovalDecision;
}

/**
 * Decides whether a prepared call is made. Rules that a person made are bound to the tool, its effects and the exact
 * target (resolved path, exact command in its folder, host and port, hash of the code): a changed script, link or server
 * asks again. Calls that must be asked for are never answered by a rule or a policy.
 */
export class Approvals {
  private readonly forRun = new Set<string>();
  private always: Set<string> | undefined;

  constructor(
    private readonly port: ApprovalsPort,
    private readonly store: ApprovalStore,
    private readonly options: { policy: ApprovalPolicy; trusted: boolean },
  ) {}

  /** What a person would be asked; undefined when nothing needs to be. */
  request(tool: Pick<Tool, "name" | "hash">, call: PreparedCall): ApprovalRequest | undefined {
    if (call.effects.length === 0 && !call.mustAsk) return undefined;
    const { target, summary, diff, mustAsk, effects, expected } = call;
    return {
      id: randomUUID(),
      tool: tool.name,
      effects,
      target,
      summary,
      ...(diff === undefined ? {} : { diff }),
      ...(mustAsk === undefined ? {} : { mustAsk }),
      ...(expected === undefined ? {} : { expected }),
    };
  }

  /** Whether a call would be made without asking anyone. */
  async free(tool: Pick<Tool, "name" | "hash">, call: PreparedCall): Promise<boolean> {
    if (!this.options.trusted || call.mustAsk) return false;
    if (call.effects.length === 0 || this.byPolicy(call.effects)) return true;
    const key = ruleKey(tool, call);
    return this.forRun.has(key) || (await this.rules()).has(key);
  }

  async decide(
    tool: Pick<Tool, "name" | "hash">,
    call: PreparedCall,
    request: ApprovalRequest,
    signal: AbortSignal,
  ): Promise<ApprovalOutcome> {
    if (!this.options.trusted) {
      const reason = "The workspace is not trusted: tools with effects are off.";
      return { allowed: false, by: "policy", decision: { verdict: "deny", reason } };
    }
    if (!call.mustAsk) {
      if (call.allowed) return { allowed: true, by: "rule", decision: { verdict: "run" } };
      if (this.byPolicy(call.effects)) return { allowed: true, by: "policy", decision: { verdict: "run" } };
      const key = ruleKey(tool, call);
      if (this.forRun.has(key) || (await this.rules()).has(key))
        return { allowed: true, by: "rule", decision: { verdict: "run" } };
    }
    const decision = await this.port.ask(request, signal);
    if (decision.verdict === "deny") return { allowed: false, by: "person", decision };
    if (!call.mustAsk) await this.keep(ruleKey(tool, call), decision);
    return { allowed: true, by: "person", decision };
  }

  private byPolicy(effects: readonly Effect[]): boolean {
    if (this.options.policy === "all") return true;
    return this.options.policy === "read" && effects.every((effect) => effect === "read");
  }

  private async keep(key: string, decision: ApprovalDecision): Promise<void> {
    if (decision.verdict === "run") this.forRun.add(key);
    if (decision.verdict !== "always") return;
    const rules = await this.rules();
    rules.add(key);
    await this.store.save([...rules]);
  }

  private async rules(): Promise<Set<string>> {
    this.always ??= new Set(await this.store.load());
    return this.always;
  }
}

/** What a standing rule is bound to, as a hash. */
export function ruleKey(tool: Pick<Tool, "name" | "hash">, call: Pick<PreparedCall, "effects" | "target">): string {
  const { target } = call;
  // A page's host and port are what a person judges; its path changes with every call.
  const bound = target.kind === "url" ? { kind: "url", host: target.host } : target;
  return sha256(JSON.stringify([tool.name, tool.hash ?? "", [...call.effects].sort(), bound]));
}

/** Nobody to ask: everything that would need a person is denied. */
export const nobody: ApprovalsPort = {
  ask: () => Promise.resolve({ verdict: "deny", reason: "Nobody is there to approve it." }),
};

/** Rules that last as long as the process. */
export function memoryStore(keys: string[] = []): ApprovalStore {
  let kept = [...keys];
  return {
    load: () => Promise.resolve([...kept]),
    save: (next) => {
      kept = [...next];
      return Promise.resolve();
    },
  };
}
