import type { ToolSpec } from "../../contract/chat";
import type { Json } from "../../contract/json";
import type { Reversal } from "../../contract/agent";
import type { ApprovalRequest, ApprovalTarget, Effect, ToolOutput, ToolSource } from "../../contract/tool";

/**
 * A tool of the registry. A call has two parts so that what is approved is what is done: `prepare` checks the arguments,
 * resolves paths and shows the diff without changing anything; the `act` it gives does exactly that and nothing else.
 */
export interface Tool extends ToolSpec {
  source: ToolSource;
  /** The most a call of it may do; a prepared call may do less. */
  effects: readonly Effect[];
  /** For an MCP tool its server, for a forged one its file. */
  origin?: string;
  /** Of the code, where there is code that a person approved. */
  hash?: string;
  /** Fails with a typed error whose sentence the model can act on. */
  prepare(args: ToolArguments, context: ToolContext): Promise<PreparedCall>;
}

export type ToolArguments = { [name: string]: Json };

export interface ToolContext {
  run: string;
  step: number;
  signal: AbortSignal;
}

export interface PreparedCall {
  effects: Effect[];
  target: ApprovalTarget;
  /** One sentence for the person who approves. */
  summary: string;
  diff?: string;
  /** Why a person must say yes each time, whatever the rules. */
  mustAsk?: string;
  /** A person's own settings name exactly this target: nothing more is asked. Never together with `mustAsk`. */
  allowed?: true;
  /** What a simulation of it expects. */
  expected?: ApprovalRequest["expected"];
  reversal: Reversal;
  act(): Promise<ToolOutput>;
}

/** A call without effects: nothing to approve. */
export function pure(summary: string, act: () => Promise<ToolOutput>): PreparedCall {
  return { effects: [], target: { kind: "text", text: summary }, summary, reversal: "none", act };
}

/** Text arguments, whose presence the schema has made sure of. */
export function textArgument(args: ToolArguments, name: string): string {
  const value = args[name];
  return typeof value === "string" ? value : "";
}
