import type { Attachment } from "../../contract/agent";
import type { BrainReply, BrainRequest } from "../../contract/brain";
import type { ToolSpec } from "../../contract/chat";
import { errorData } from "../../contract/errors";
import type { ContextParts } from "./context";
import { longestAnswer, type RunState } from "./state";
import { summarise } from "./summarise";

/** One reply, with failures of the wire tried again and a prompt that was too long made shorter. */
export async function think(run: RunState, step: number, tools: ToolSpec[]): Promise<BrainReply> {
  const { brain } = run.ports;
  let limit = run.room();
  for (let tries = 0; ; tries++) {
    const messages = await context(run, step, tools, limit);
    const request: BrainRequest = {
      messages,
      tools,
      calls: run.params.mode === "chat" || tools.length === 0 ? "none" : "auto",
      max: run.replyRoom(),
      session: run.id,
      ...(run.params.think === undefined ? {} : { think: run.params.think }),
      ...(run.params.seed === undefined ? {} : { sampling: { seed: run.params.seed } }),
    };
    try {
      const reply = await brain.reply(request, {
        signal: run.abort.signal,
        onPiece: ({ text, part, token }) =>
          run.recorder.tellOnly({ type: "token", step, text, part, ...(token === undefined ? {} : { token }) }),
      });
      await tellThought(run, step, reply, messages, tools);
      return reply;
    } catch (error) {
      if (run.abort.signal.aborted || tries >= 3) throw error;
      const { code, message } = errorData(error);
      if (code === "contextFull") limit = Math.floor(limit * 0.6);
      else if (!["network", "timeout", "brainFailure", "engineDied"].includes(code) || tries >= 2) throw error;
      await run.recorder.emit({ type: "note", step, kind: "retry", text: message });
    }
  }
}

async function tellThought(
  run: RunState,
  step: number,
  reply: BrainReply,
  messages: BrainRequest["messages"],
  tools: ToolSpec[],
): Promise<void> {
  run.spend(reply.usage);
  const tokens = reply.tokens?.map(({ id, text, p, entropy, part }) => ({ id, text, p, entropy, part }));
  await run.recorder.emit({
    type: "think",
    step,
    thought: reply.thought.slice(0, longestAnswer),
    text: reply.text.slice(0, longestAnswer),
    messages: await run.recorder.messages(messages),
    tools: tools.map(({ name }) => name),
    ...(tools.length > 0 ? { specs: await run.recorder.specs(tools) } : {}),
    usage: reply.usage,
    ...(tokens === undefined ? {} : { tokens }),
    ...(reply.problem === undefined ? {} : { problem: reply.problem }),
  });
}

/** The prompt; early steps are summed up when even folded they do not fit. */
async function context(
  run: RunState,
  step: number,
  tools: ToolSpec[],
  limit: number,
): Promise<BrainRequest["messages"]> {
  const given = parts(run, tools);
  let built = await run.keeper.build(given, limit);
  if (built.crowded) {
    await sumUp(run, limit);
    built = await run.keeper.build(given, limit);
  }
  if (built.folded.length > 0) {
    await run.recorder.emit({
      type: "note",
      step,
      kind: "fold",
      text: `Output of steps ${built.folded.join(", ")} was folded.`,
    });
  }
  return built.messages;
}

function parts(run: RunState, tools: ToolSpec[]): ContextParts {
  const { goal, mode, attachments = [], history = [], instructions = "" } = run.params;
  const plan = run.plan.length === 0 ? "" : `Plan:\n${run.plan.map((each, i) => `${i + 1}. ${each}`).join("\n")}`;
  return {
    mode: mode === "chat" ? "chat" : "agent",
    instructions: [instructions, plan].filter(Boolean).join("\n\n"),
    memories: run.memories,
    tools,
    history,
    goal,
    attachments: attachments.map(({ label, text }): Attachment => ({
      label: label.replace(/\s+/g, " ").slice(0, 200),
      text,
    })),
    turns: run.turns,
  };
}

async function sumUp(run: RunState, limit: number): Promise<void> {
  const upTo = run.turns.at(-2)?.step ?? 0;
  const early = run.turns.filter((turn) => turn.step > run.keeper.summedUpTo && turn.step <= upTo);
  if (early.length === 0) return;
  const { text, usage } = await summarise(run.ports.brain, early, limit, run.abort.signal);
  if (usage) run.spend(usage);
  run.keeper.sumUp(upTo, text);
  await run.recorder.emit({ type: "note", step: upTo, kind: "summary", text });
}
