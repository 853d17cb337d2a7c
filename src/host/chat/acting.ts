import type { GoalParams } from "../../contract/agent";
import type { RunView } from "../../contract/agentView";
import type { Conversation, ConversationNode } from "../../contract/conversation";
import { errorData } from "../../contract/errors";
import type { RunListener } from "../agent/service";
import type { ChatPorts } from "./ports";
import { messagesOf, pathTo } from "./tree";
import { alteredBy, unfinished, written, type Work } from "./work";

/** Reaches a goal with the agent, to whatever end; the node holds the run. Never rejects. */
export async function actOnGoal(
  ports: ChatPorts,
  work: Work,
  resumed: RunView | undefined,
): Promise<ConversationNode | null> {
  const { answer, conversation, signal } = work;
  const listener: RunListener = {
    view: (view) => {
      answer.run = view;
      work.changed();
    },
    token: (step, token) => {
      answer.takeStep(step, token);
      work.changed();
    },
  };
  try {
    // A server thinks by itself: no model is loaded for it, and nothing that is switched on here reaches it.
    const model = ports.server?.() === undefined ? await ports.engine.ensureModel(signal) : undefined;
    if (model) answer.alteredBy = ports.interventions().names;
    const view = resumed
      ? await ports.agent.resume(resumed, signal, listener)
      : await ports.agent.run(goalParams(ports, conversation, answer.parent), signal, listener);
    return {
      // A run ends on its last reply; the tokens of the steps before stand in the trace, each with its own prompt.
      ...written(ports, answer, {
        text: view.text,
        thought: "",
        tokens: view.state === "answered" ? answer.tokens : [],
      }),
      run: view,
      ...(model ? { model: { name: model.name, fingerprint: model.fingerprint } } : {}),
      ...alteredBy(answer),
    };
  } catch (thrown) {
    const broken = unfinished(ports, answer, errorData(thrown));
    return broken && { ...broken, tokens: [], ...(answer.run ? { run: answer.run } : {}) };
  }
}

function goalParams(ports: ChatPorts, conversation: Conversation, leaf: string | null): GoalParams {
  const path = pathTo(conversation, leaf);
  const attachments = path.at(-1)?.attachments;
  const { mode, system, think } = ports.options();
  return {
    goal: path.at(-1)?.text ?? "",
    mode,
    ...(attachments === undefined ? {} : { attachments: attachments.map(({ label, text }) => ({ label, text })) }),
    history: messagesOf(path.slice(0, -1), ""),
    ...(system.trim() === "" ? {} : { instructions: system }),
    ...(ports.engine.model?.thinks ? { think } : {}),
  };
}
