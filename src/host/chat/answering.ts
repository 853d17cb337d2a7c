import type { Conversation, ConversationNode } from "../../contract/conversation";
import { errorData, fail } from "../../contract/errors";
import type { GeneratedToken } from "../../contract/token";
import type { Generated, GenerateParams, GenerateResult, Input } from "../../contract/verbs";
import { asParams } from "../interventions/switchboard";
import type { ChatPorts } from "./ports";
import type { Running } from "./running";
import { messagesOf, pathTo } from "./tree";
import { alteredBy, fromTokens, unfinished, written, type Work } from "./work";

/** Writes a plain answer to the end, whatever that is; null where nothing of it stays. Never rejects. */
export async function answerChat(ports: ChatPorts, work: Work): Promise<ConversationNode | null> {
  const { answer, conversation, signal } = work;
  const { engine } = ports;
  try {
    const model = await engine.ensureModel(signal);
    const switched = await ports.switched(signal);
    answer.alteredBy = switched.names;
    const altered = {
      ...asParams(switched),
      ...(switched.meters.length > 0 ? { meters: switched.meters } : {}),
    };
    const params = { ...generateParams(ports, conversation, answer), ...altered };
    const result = await engine.call("generate", params, {
      signal,
      onProgress: (progress) => {
        answer.take(progress);
        if (progress.kind === "prompt") work.used(progress.total);
        work.changed();
      },
    });
    const node = finished(ports, answer, result);
    if (result.lensLeft) work.lensLeft(result.lensLeft);
    work.used(result.timings.promptTokens + (node.tokens?.length ?? 0));
    return { ...node, model: { name: model.name, fingerprint: model.fingerprint } };
  } catch (thrown) {
    return unfinished(ports, answer, errorData(thrown));
  }
}

/** The path to `leaf` as the model is given it. */
export function chatInput(ports: ChatPorts, conversation: Conversation, leaf: string | null): Input {
  return { kind: "chat", messages: messagesOf(pathTo(conversation, leaf), ports.options().system) };
}

function generateParams(ports: ChatPorts, conversation: Conversation, answer: Running): GenerateParams {
  const { model } = ports.engine;
  const options = ports.options();
  const max = ports.maxTokens();
  return {
    input: chatInput(ports, conversation, answer.parent),
    sampling: ports.sampling(),
    top: ports.alternatives(),
    session: conversation.id,
    ...(max === undefined ? {} : { max }),
    ...(model?.thinks ? { think: options.think } : {}),
    // Left to itself a thought ends by itself, or once its answer is settled.
    ...(model?.thinks && options.think === "auto" ? { settle: { nats: 0.02, every: 48 } } : {}),
    ...(answer.prefix.length > 0 ? { forks: [{ prefix: answer.prefix.map((token) => token.id) }] } : {}),
    ...(options.liveLens && model?.sites.includes("resid_post")
      ? { lens: { sites: ["embed", "resid_post"], top: 3 } }
      : {}),
  };
}

function finished(ports: ChatPorts, answer: Running, result: GenerateResult): ConversationNode {
  const generated = result.forks[0];
  if (!generated) return fail("internal", "The engine returned no answer.");
  return {
    ...written(ports, answer, whole(answer.prefix, generated)),
    stop: generated.stop,
    timings: result.timings,
    seed: generated.seed,
    ...(result.altered ? alteredBy(answer) : {}),
    ...(generated.collapsed ? { collapsed: generated.collapsed } : {}),
  };
}

/** A reply as a whole. An engine may leave out the tokens that a branch had decided before; then they are put in front. */
function whole(prefix: GeneratedToken[], generated: Generated): Pick<Generated, "text" | "thought" | "tokens"> {
  const { tokens } = generated;
  if (prefix.every((token, index) => tokens[index]?.id === token.id)) return generated;
  return fromTokens([...prefix, ...tokens]);
}
