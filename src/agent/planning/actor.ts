import type { AgentEventBody, Clock, GoalParams, MemoryRead } from "../../contract/agent";
import type { BrainReply } from "../../contract/brain";
import type { ChatMessage, ToolCall, ToolSpec } from "../../contract/chat";
import { errorData, fail } from "../../contract/errors";
import type { PlanAction, PlanNode, PlanPrediction } from "../../contract/plan";
import type { AgentPorts } from "../run/ports";
import { callTool, type CallOutcome } from "../run/callTool";
import { ContextKeeper, type Turn } from "../run/context";
import type { PreparedCall, Tool } from "../tools/tool";
import type { PlanMind } from "./mind";
import { imagine } from "./thoughts";
import { sameness, type PlanTree } from "./tree";

export interface ActorOptions {
  run: string;
  ports: AgentPorts;
  params: GoalParams;
  mind: PlanMind;
  tree: PlanTree;
  clock: Clock;
  signal: AbortSignal;
  turns: Turn[];
  history: () => number;
  emit: (event: AgentEventBody) => Promise<unknown>;
  tellOnly: (event: AgentEventBody) => void;
  keep: (messages: readonly ChatMessage[]) => Promise<string[]>;
}

/** What came of a step. */
export type Performed =
  | { kind: "said"; text: string }
  | { kind: "did"; ok: boolean; done: boolean; seen: string; action: PlanAction; prediction?: PlanPrediction };

/** Where a call stands, so that a stop in the middle of it can be told exactly. */
export interface Under {
  summary: string;
  reversible: boolean;
  state: "asked" | "begun" | "over";
}

const margin = 32;

/** Turns a step of a plan into a call, simulates what cannot be taken back, and does it. */
export class PlanActor {
  /** The call under way, or the last one. */
  under: Under | undefined;
  private readonly keeper: ContextKeeper;
  private memories: MemoryRead[] = [];

  constructor(private readonly options: ActorOptions) {
    this.keeper = new ContextKeeper((text) => options.ports.brain.count(text));
  }

  /** One step for real. Whatever goes wrong is an outcome; only being cancelled is thrown. */
  async perform(node: PlanNode, step: number, path: readonly PlanNode[]): Promise<Performed> {
    const { tree, turns } = this.options;
    this.under = undefined;
    const { said, calls, tools, turn } = await this.ground(node, step, path);
    turns.push(turn);
    const [call] = calls;
    if (!call) return { kind: "said", text: said };
    // A plan's step is one call: the others would be steps that nobody judged.
    turn.calls = [call];
    const { outcome, prediction } = await this.call(call, node, step, tools);
    turn.results.push({ name: call.name.slice(0, 80), text: outcome.text });
    const action = tree.get(node.id).action ?? {
      name: call.name,
      arguments: call.arguments,
      effects: [],
      reversible: true,
    };
    return {
      kind: "did",
      ok: outcome.ok,
      done: this.begun(),
      seen: outcome.text,
      action,
      ...(prediction ? { prediction } : {}),
    };
  }

  private begun(): boolean {
    return this.under?.state === "over" || this.under?.state === "begun";
  }

  /** A step that needs no asking and can be taken back, done and taken back. Undefined where it may not be done so. */
  async tryOut(node: PlanNode, step: number): Promise<{ seen: string; failed: boolean } | undefined> {
    const { ports, run, signal, tree } = this.options;
    const { calls } = await this.ground(node, step, [node]);
    const [call] = calls;
    const tool = call && ports.registry.get(call.name);
    if (!tool || this.isForbidden(call)) return undefined;
    try {
      const prepared = await tool.prepare(call.arguments, { run, step, signal });
      tree.change(node.id, { action: actionOf(call, prepared) });
      if (!reversible(prepared) || prepared.effects.includes("network")) return undefined;
      if (!(await ports.approvals.free(tool, prepared))) return undefined;
      try {
        const output = await prepared.act();
        return { seen: output.text, failed: output.failed === true };
      } finally {
        // What earlier steps wrote was put aside: what is left of the run is this try's alone.
        const part = await ports.checkpoints.part(run, step);
        if (part) await ports.checkpoints.undoPart(part);
      }
    } catch (error) {
      if (signal.aborted) throw error;
      return { seen: errorData(error).message, failed: true };
    }
  }

  /** The answer, from all that was seen. */
  async answer(step: number, path: readonly PlanNode[]): Promise<BrainReply> {
    const turn = { step, said: "", calls: [], results: [], after: ["Answer the goal with what you have seen."] };
    const { reply } = await this.think(
      "answer",
      path.at(-1)?.id ?? "root",
      step,
      [...this.options.turns, turn],
      [],
      path,
    );
    return reply;
  }

  private async ground(
    node: PlanNode,
    step: number,
    path: readonly PlanNode[],
  ): Promise<{ said: string; calls: ToolCall[]; tools: ToolSpec[]; turn: Turn }> {
    const tools = await this.offer(step, node);
    const ask = [`Next step: ${node.intent}`, ...(node.expect ? [`Expected: ${node.expect}`] : [])].join("\n");
    const asked: Turn = { step: step - 0.5, said: "", calls: [], results: [], after: [ask] };
    const { reply } = await this.think("act", node.id, step, [...this.options.turns, asked], tools, path);
    const turn: Turn = { step, said: reply.text.slice(0, 64_000), calls: reply.calls, results: [], after: [] };
    const said = reply.text.trim() || (reply.problem ?? "");
    return { said, calls: reply.calls, tools, turn };
  }

  private async call(
    call: ToolCall,
    node: PlanNode,
    step: number,
    tools: readonly ToolSpec[],
  ): Promise<{ outcome: CallOutcome; prediction?: PlanPrediction }> {
    const { ports, run, signal, clock, emit, params } = this.options;
    let prediction: PlanPrediction | undefined;
    const outcome = await callTool(call, {
      run,
      step,
      signal,
      registry: {
        get: (name) => {
          const tool = ports.registry.get(name);
          return tool && this.watched(tool, call, node, step, (made) => (prediction = made));
        },
        near: (name) => ports.registry.near(name),
      },
      approvals: ports.approvals,
      clock,
      offered: new Set(tools.map(({ name }) => name)),
      limit: Math.max(400, Math.floor(this.room() * 0.75)),
      emit,
    });
    ports.taint.note(run, outcome.taint);
    if (ports.registry.get(call.name)) {
      await ports.onUse?.({
        name: call.name,
        arguments: call.arguments,
        ok: outcome.ok,
        ms: outcome.ms,
        goal: params.goal,
        ...(outcome.ok ? {} : { error: outcome.text.slice(0, 500) }),
      });
    }
    return { outcome, ...(prediction ? { prediction } : {}) };
  }

  /** The tool with what a plan asks of a call: not what the user forbade, and nothing irreversible without a simulation. */
  private watched(
    tool: Tool,
    call: ToolCall,
    node: PlanNode,
    step: number,
    predicted: (prediction: PlanPrediction) => void,
  ): Tool {
    return {
      ...tool,
      prepare: async (args, context) => {
        if (this.isForbidden(call)) fail("notAllowed", "The user forbade this step.", { remedy: "Do something else." });
        const prepared = await tool.prepare(args, context);
        const action = actionOf(call, prepared);
        this.options.tree.change(node.id, { action });
        const under: Under = { summary: prepared.summary, reversible: action.reversible, state: "asked" };
        this.under = under;
        const simulated = irreversible(prepared)
          ? await this.simulated(prepared, call, node, step, predicted)
          : prepared;
        return {
          ...simulated,
          act: async () => {
            if (context.signal.aborted) fail("cancelled", "Stopped before it was begun.");
            under.state = "begun";
            const output = await prepared.act();
            if (!context.signal.aborted) under.state = "over";
            return output;
          },
        };
      },
    };
  }

  private async simulated(
    prepared: PreparedCall,
    call: ToolCall,
    node: PlanNode,
    step: number,
    predicted: (prediction: PlanPrediction) => void,
  ): Promise<PreparedCall> {
    const { mind, tree, history, emit } = this.options;
    const { state } = tree.get(node.parent ?? node.id);
    const action = `${node.intent}: ${call.name}(${JSON.stringify(call.arguments).slice(0, 300)})`;
    const prediction = await imagine(mind, node.id, { state, action }, history());
    const seen = prediction?.seen ?? "";
    const sure = prediction ? Math.round(prediction.confidence * 100) : 0;
    if (prediction) {
      predicted(prediction);
      tree.change(node.id, { prediction });
      await emit({ type: "simulate", step, action, expect: seen, value: prediction.confidence });
    }
    return {
      ...prepared,
      mustAsk: prediction
        ? `It cannot be taken back. Simulated first, this is expected (${sure} % sure): ${seen}`
        : "It cannot be taken back, and the simulation said nothing that can be read.",
      ...(prediction ? { expected: { seen, confidence: prediction.confidence } } : {}),
    };
  }

  private isForbidden(call: ToolCall): boolean {
    const made = JSON.stringify([call.name, call.arguments]);
    return this.options.tree
      .all()
      .some(
        ({ status, action, intent }) =>
          status === "forbidden" &&
          ((action !== undefined && JSON.stringify([action.name, action.arguments]) === made) ||
            sameness(intent) === sameness(`${call.name} ${Object.values(call.arguments).join(" ")}`)),
      );
  }

  /** One reply of the agent itself; a prompt that was too long is made shorter. */
  private async think(
    kind: "act" | "answer",
    node: string,
    step: number,
    turns: Turn[],
    tools: ToolSpec[],
    path: readonly PlanNode[],
  ): Promise<{ reply: BrainReply }> {
    const { ports, params, mind, signal, tellOnly, run } = this.options;
    let limit = this.room();
    for (let tries = 0; ; tries++) {
      const plan = path.map(({ intent }, i) => `${i + 1}. ${intent}`).join("\n");
      const { messages } = await this.keeper.build(
        {
          mode: "agent",
          instructions: [params.instructions ?? "", plan && `Plan:\n${plan}`].filter(Boolean).join("\n\n"),
          memories: this.memories.map(({ text }) => text),
          tools,
          history: params.history ?? [],
          goal: params.goal,
          attachments: params.attachments ?? [],
          turns,
        },
        limit,
      );
      try {
        const reply = await ports.brain.reply(
          {
            messages,
            tools,
            calls: tools.length === 0 ? "none" : "auto",
            max: this.replyRoom(),
            session: run,
            ...(params.think === undefined ? {} : { think: params.think }),
            ...(params.seed === undefined ? {} : { sampling: { seed: params.seed } }),
          },
          {
            signal,
            onPiece: ({ text, part, token }) =>
              tellOnly({ type: "token", step, text, part, ...(token === undefined ? {} : { token }) }),
          },
        );
        await mind.tell(node, kind, messages, reply);
        await this.tellThought(step, messages, tools, reply);
        return { reply };
      } catch (error) {
        const { code } = errorData(error);
        if (signal.aborted || tries >= 2) throw error;
        if (code === "contextFull") limit = Math.floor(limit * 0.6);
        else if (!["network", "timeout", "brainFailure", "engineDied"].includes(code)) throw error;
      }
    }
  }

  private async tellThought(
    step: number,
    messages: ChatMessage[],
    tools: ToolSpec[],
    reply: BrainReply,
  ): Promise<void> {
    const tokens = reply.tokens?.map(({ id, text, p, entropy, part }) => ({ id, text, p, entropy, part }));
    await this.options.emit({
      type: "think",
      step,
      thought: reply.thought.slice(0, 64_000),
      text: reply.text.slice(0, 64_000),
      messages: await this.options.keep(messages),
      tools: tools.map(({ name }) => name),
      usage: reply.usage,
      ...(tokens === undefined ? {} : { tokens }),
      ...(reply.problem === undefined ? {} : { problem: reply.problem }),
    });
  }

  private async offer(step: number, node: PlanNode): Promise<ToolSpec[]> {
    const { ports, params, run, turns, signal, emit } = this.options;
    const seen = turns.at(-1)?.results.at(-1)?.text.slice(0, 1_000);
    if (ports.memory) {
      this.memories = await ports.memory.read({ goal: `${params.goal} ${node.intent}`, limit: 5 }, signal);
      if (this.memories.length > 0) await emit({ type: "read", step, memories: this.memories });
    }
    const picked = await ports.selector.pick({
      run,
      goal: `${params.goal} ${node.intent}`,
      recent: [...new Set(turns.flatMap(({ calls }) => calls.map(({ name }) => name)))].slice(-4),
      budget: Math.floor(this.room() * 0.4),
      count: (text) => ports.brain.count(text),
      ...(seen === undefined ? {} : { seen }),
    });
    await emit({
      type: "tools",
      step,
      names: picked.tools.map(({ name }) => name),
      because: picked.because,
      of: ports.registry.all().length,
      ms: picked.ms,
    });
    return picked.tools.map(({ name, description, parameters }) => ({ name, description, parameters }));
  }

  private replyRoom(): number {
    return Math.max(32, Math.min(2_048, Math.floor(this.options.ports.brain.context / 4)));
  }

  private room(): number {
    return Math.max(64, this.options.ports.brain.context - this.replyRoom() - margin);
  }
}

function actionOf({ name, arguments: args }: ToolCall, prepared: PreparedCall): PlanAction {
  return { name, arguments: args, effects: prepared.effects, reversible: reversible(prepared) };
}

/** It changes nothing, or what it changes is kept to be put back. */
export function reversible({ effects, reversal }: PreparedCall): boolean {
  return !effects.includes("irreversible") && (reversal !== "no" || effects.every((effect) => effect === "read"));
}

/** What it does to the world stays done. Fetching a page reads. */
export function irreversible({ effects, reversal }: PreparedCall): boolean {
  if (effects.includes("irreversible")) return true;
  return reversal === "no" && effects.some((effect) => effect === "write" || effect === "execute");
}
