import type { AgentEventBody } from "../../contract/agent";
import type { Brain, BrainReply, BrainRequest, BrainUsage } from "../../contract/brain";
import type { ChatMessage } from "../../contract/chat";
import { errorData } from "../../contract/errors";
import type { DecisionKind, PlanDecision } from "../../contract/plan";
import type { PlanTree } from "./tree";

export interface MindOptions {
  run: string;
  brain: Brain;
  tree: PlanTree;
  signal: AbortSignal;
  seed?: number;
  /** Step of the trace that is being decided on. */
  step: () => number;
  emit: (event: AgentEventBody) => Promise<unknown>;
  keep: (messages: readonly ChatMessage[]) => Promise<string[]>;
  spend: (usage: BrainUsage) => void;
}

export interface Said {
  reply: BrainReply;
  /** Texts of all samples, the first included. */
  texts: string[];
}

/** Asks the brain and writes down what was asked, what it said and what it cost, at the node it was asked for. */
export class PlanMind {
  private made = 0;

  constructor(private readonly options: MindOptions) {}

  get brain(): Brain {
    return this.options.brain;
  }

  get signal(): AbortSignal {
    return this.options.signal;
  }

  /** One decision. `samples` beyond the first are drawn at a temperature: together on a local brain, one by one on others. */
  async ask(node: string, kind: DecisionKind, request: BrainRequest): Promise<Said> {
    const { run, seed } = this.options;
    const { samples = 1, ...single } = request;
    const whole: BrainRequest = {
      calls: "none",
      session: `${run}:${kind}`,
      ...single,
      ...(samples > 1
        ? { sampling: { temperature: 0.8, seed: seed ?? 1, ...request.sampling } }
        : seed === undefined
          ? {}
          : { sampling: { seed, ...request.sampling } }),
    };
    const together = samples > 1 && this.brain.local;
    const reply = await this.reply(together ? { ...whole, samples } : whole);
    const others: { text: string }[] = [...(reply.others ?? [])];
    let usage = reply.usage;
    // A brain that draws one at a time is asked again, each time with another seed.
    for (let i = 1 + others.length; i < samples; i++) {
      const more = await this.reply({ ...whole, sampling: { ...whole.sampling, seed: (seed ?? 1) + i } });
      others.push({ text: more.text });
      usage = sum(usage, more.usage);
    }
    await this.tell(node, kind, request.messages, { ...reply, usage }, others);
    return { reply: { ...reply, usage }, texts: [reply.text, ...others.map(({ text }) => text)] };
  }

  /** A failure of the wire is tried once more; whatever else fails is thrown. */
  private async reply(request: BrainRequest): Promise<BrainReply> {
    const { brain, signal } = this.options;
    try {
      return await brain.reply(request, { signal });
    } catch (error) {
      const { code, message } = errorData(error);
      if (signal.aborted || !["network", "timeout", "brainFailure", "engineDied"].includes(code)) throw error;
      await this.options.emit({ type: "note", step: this.options.step(), kind: "retry", text: message });
      return brain.reply(request, { signal });
    }
  }

  /** Writes down a reply that was made elsewhere. */
  async tell(
    node: string,
    kind: DecisionKind,
    messages: readonly ChatMessage[],
    reply: BrainReply,
    others: readonly { text: string }[] = [],
  ): Promise<void> {
    const { tree, emit, keep, step, spend } = this.options;
    const { usage } = reply;
    spend(usage);
    const { cost } = tree.get(node);
    tree.change(node, {
      cost: {
        replies: cost.replies + 1 + others.length,
        promptTokens: cost.promptTokens + usage.promptTokens,
        reusedTokens: cost.reusedTokens + usage.reusedTokens,
        tokens: cost.tokens + usage.tokens,
        ms: cost.ms + usage.ms,
      },
    });
    const tokens = reply.tokens?.map(({ id, text, p, entropy, part }) => ({ id, text, p, entropy, part }));
    const decision: PlanDecision = {
      id: `${node}-${kind}-${++this.made}`,
      node,
      kind,
      messages: await keep(messages),
      text: reply.text.slice(0, 16_000),
      thought: reply.thought.slice(0, 16_000),
      others: others.map(({ text }) => text.slice(0, 2_000)),
      usage,
      ...(tokens === undefined ? {} : { tokens }),
    };
    await emit({ type: "planDecision", step: step(), decision });
  }
}

function sum(a: BrainUsage, b: BrainUsage): BrainUsage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    reusedTokens: a.reusedTokens + b.reusedTokens,
    tokens: a.tokens + b.tokens,
    ms: a.ms + b.ms,
  };
}
