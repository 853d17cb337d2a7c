import type { ChatMessage } from "../../contract/chat";
import type { Json, JsonSchema } from "../../contract/json";
import { schemaGrammar } from "./gbnf";
import { numbered } from "./memoryLines";
import { bad, listReply, textField, type Reply } from "./reply";

/** A thought and the memories it rests on (indices from 0). */
export interface Thought {
  thought: string;
  because: number[];
}

const form = `{"thought": "one sentence", "because": [1, 2]}`;

/** Asks for thoughts that follow from several of the memories (Generative Agents' reflection, with evidence). */
export function reflectPrompt(memories: readonly string[], most = 1): ChatMessage[] {
  const count = most === 1 ? "one thought that follows" : `at most ${most} thoughts that follow`;
  return [
    {
      role: "system",
      content: `Read the memories. Write ${count} from several of them. Reply with a JSON list: [${form}]. Reply [] if nothing follows.`,
    },
    { role: "user", content: numbered(memories) },
  ];
}

export function reflectGrammar(memories: number, most = 1): string {
  const indices = Array.from({ length: memories }, (_, i) => i + 1);
  const schema: JsonSchema = {
    type: "array",
    maxItems: most,
    items: {
      type: "object",
      properties: {
        thought: { type: "string", minLength: 1, maxLength: 300 },
        because: { type: "array", items: { enum: indices }, minItems: 1, maxItems: Math.min(8, memories) },
      },
      required: ["thought", "because"],
    },
  };
  return schemaGrammar(schema);
}

export function parseReflect(reply: string, memories: number): Reply<Thought[]> {
  const thoughts = listReply(reply, readThought, form);
  if (!thoughts.ok) return thoughts;
  const outside = thoughts.value.flatMap((one) => one.because).find((index) => index < 0 || index >= memories);
  return outside === undefined ? thoughts : bad(`There is no memory ${outside + 1}.`, reply);
}

function readThought(item: Json): Thought | undefined {
  const thought = textField(item, "thought");
  const because = (item as Record<string, Json> | null)?.["because"];
  if (!thought || !Array.isArray(because) || !because.every((n) => Number.isInteger(n))) return undefined;
  return { thought, because: because.map((n) => Number(n) - 1) };
}
