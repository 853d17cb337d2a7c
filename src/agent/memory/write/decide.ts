import type { Brain } from "../../../contract/brain";
import {
  memoryWriteGrammar,
  memoryWritePrompt,
  parseMemoryWrite,
  type MemoryDecision,
} from "../../prompts/memoryWrite";

/** Texts longer than this are shortened before the model judges them. Characters. */
const longest = { user: 1_200, assistant: 400, known: 240 } as const;

/** Asks the model whether an exchange is worth keeping, against what is known already. A reply out of form keeps nothing. */
export async function decide(
  brain: Brain,
  exchange: { user: string; assistant?: string | undefined; known: readonly string[] },
  signal?: AbortSignal,
): Promise<MemoryDecision> {
  const known = exchange.known.map((text) => text.slice(0, longest.known));
  const reply = await brain.reply(
    {
      messages: memoryWritePrompt({
        user: exchange.user.slice(0, longest.user),
        ...(exchange.assistant ? { assistant: exchange.assistant.slice(0, longest.assistant) } : {}),
        known,
      }),
      form: { kind: "gbnf", grammar: memoryWriteGrammar(known.length) },
      max: 96,
      think: "off",
      sampling: { temperature: 0 },
    },
    signal ? { signal } : {},
  );
  const parsed = parseMemoryWrite(reply.text, known.length);
  return parsed.ok && reply.stop !== "max" ? parsed.value : { action: "no" };
}
