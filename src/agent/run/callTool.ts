import { randomUUID } from "node:crypto";
import type { AgentEventBody, Clock, Reversal } from "../../contract/agent";
import type { ToolCall } from "../../contract/chat";
import { errorData } from "../../contract/errors";
import type { Effect, ToolOutput } from "../../contract/tool";
import type { Approvals } from "../tools/approvals";
import { faults, withDefaults } from "../tools/calling/validate";
import { cleanText, cutText, withoutMarks } from "../tools/output";
import type { ToolRegistry } from "../tools/registry";
import type { PreparedCall, Tool } from "../tools/tool";

export interface CallContext {
  run: string;
  step: number;
  signal: AbortSignal;
  registry: Pick<ToolRegistry, "get" | "near">;
  approvals: Approvals;
  clock: Clock;
  /** Names offered at this step. */
  offered: ReadonlySet<string>;
  /** Characters of output the model gets at most. */
  limit: number;
  emit: (event: AgentEventBody) => Promise<unknown>;
}

export interface CallOutcome {
  ok: boolean;
  /** What the model reads. */
  text: string;
  effects: Effect[];
  taint?: ToolOutput["taint"];
  /** What came that nobody expected. */
  surprise?: string;
  /** Milliseconds of the tool itself. */
  ms: number;
}

/**
 * Makes one call: the tool is known and offered, the arguments fit, the effect is approved, then it is done. Whatever
 * goes wrong becomes a result that the model can act on; only being cancelled is thrown.
 */
export async function callTool(call: ToolCall, context: CallContext): Promise<CallOutcome> {
  const id = randomUUID();
  const { emit, step, clock } = context;
  const tool = context.registry.get(call.name);
  const effects = [...(tool?.effects ?? [])];
  await emit({ type: "call", step, call: id, name: call.name.slice(0, 80), arguments: call.arguments, effects });
  const started = clock.now();
  let reversal: Reversal = "none";
  let output: ToolOutput;
  let did: Effect[] = [];
  try {
    const prepared = await prepare(tool, call, context);
    const denied = await approve(tool as Tool, prepared, id, context);
    if (denied === undefined) {
      reversal = prepared.reversal;
      did = prepared.effects;
      output = await prepared.act();
    } else output = { text: denied, failed: true };
  } catch (error) {
    const data = errorData(error);
    if (data.code === "cancelled" || context.signal.aborted) {
      await emit(
        resultEvent(
          id,
          call.name,
          context,
          { text: did.length > 0 ? "Stopped while it ran; what it did may be there." : "Stopped.", failed: true },
          0,
          reversal,
          clock.now() - started,
        ),
      );
      throw error;
    }
    output = { text: data.remedy ? `${data.message} ${data.remedy}` : data.message, failed: true };
  }
  const ms = clock.now() - started;
  const ok = output.failed !== true;
  const { text, leftOut } = cutText(
    withoutMarks(cleanText(output.text)),
    context.limit,
    `the whole is in step ${step} of the trace`,
  );
  await emit(resultEvent(id, call.name, context, { ...output, text }, leftOut, ok ? reversal : "none", ms));
  if (output.surprise !== undefined) {
    const expected = typeof call.arguments["expect"] === "string" ? call.arguments["expect"].slice(0, 500) : "";
    await emit({ type: "surprise", step, expected, observed: output.surprise });
  }
  return {
    ok,
    text,
    effects: did,
    ms,
    ...(output.taint === undefined ? {} : { taint: output.taint }),
    ...(output.surprise === undefined ? {} : { surprise: output.surprise }),
  };
}

async function prepare(tool: Tool | undefined, call: ToolCall, context: CallContext): Promise<PreparedCall> {
  const { registry, offered, run, step, signal } = context;
  if (!tool)
    return refuse(
      `There is no tool ${JSON.stringify(call.name.slice(0, 80))}. ${tools(
        registry.near(call.name).filter((name) => offered.has(name)),
        offered,
      )}`,
    );
  if (!offered.has(tool.name))
    return refuse(`The tool ${tool.name} is not among those offered now. ${tools([], offered)}`);
  const wrong = faults(call.arguments, tool.parameters);
  if (wrong.length > 0) return refuse(`The arguments of ${tool.name} are wrong: ${wrong.join("; ")}.`);
  return tool.prepare(withDefaults(call.arguments, tool.parameters), { run, step, signal });
}

function tools(near: string[], offered: ReadonlySet<string>): string {
  const names = near.length > 0 ? near : [...offered].slice(0, 12);
  return names.length === 0 ? "Answer without tools." : `Tools: ${names.join(", ")}.`;
}

/** A call that only says why it was not made. */
function refuse(text: string): PreparedCall {
  return {
    effects: [],
    target: { kind: "text", text },
    summary: text,
    reversal: "none",
    act: () => Promise.resolve({ text, failed: true }),
  };
}

/** The reason a call is not made; undefined when it may be. */
async function approve(
  tool: Tool,
  prepared: PreparedCall,
  call: string,
  context: CallContext,
): Promise<string | undefined> {
  const { approvals, emit, step, signal } = context;
  if (tool === undefined) return undefined;
  const request = approvals.request(tool, prepared);
  if (!request) return undefined;
  await emit({ type: "approval", step, call, request });
  const { allowed, by, decision } = await approvals.decide(tool, prepared, request, signal);
  const { verdict, reason } = decision;
  await emit({ type: "approval", step, call, request, verdict, by, ...(reason === undefined ? {} : { reason }) });
  if (allowed) return undefined;
  return `It was not allowed${by === "person" ? " by the user" : ""}: ${reason ?? "no reason was given"}. Do not try the same again; do without it or answer.`;
}

function resultEvent(
  call: string,
  name: string,
  { step }: CallContext,
  output: ToolOutput,
  leftOut: number,
  reversal: Reversal,
  ms: number,
): AgentEventBody {
  const { text, value, diff, written, taint, failed } = output;
  return {
    type: "result",
    step,
    call,
    name: name.slice(0, 80),
    ok: failed !== true,
    text,
    leftOut,
    ...(value === undefined ? {} : { value }),
    ...(diff === undefined ? {} : { diff }),
    ...(written === undefined ? {} : { written }),
    ...(taint === undefined ? {} : { taint }),
    reversal,
    ms,
  };
}
