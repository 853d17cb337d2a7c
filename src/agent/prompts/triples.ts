import type { ChatMessage } from "../../contract/chat";
import type { Json, JsonSchema } from "../../contract/json";
import { schemaGrammar } from "./gbnf";
import { listReply, type Reply } from "./reply";

export interface Triple {
  subject: string;
  relation: string;
  object: string;
}

const form = `["subject", "relation", "object"]`;
const instruction = `Write the facts of the text as triples, in its own words. Reply with a JSON list: [${form}]. Reply [] if it states none.`;

export function triplesPrompt(text: string): ChatMessage[] {
  return [
    { role: "system", content: instruction },
    { role: "user", content: text.trim() },
  ];
}

const schema: JsonSchema = {
  type: "array",
  maxItems: 24,
  items: { type: "array", items: { type: "string", minLength: 1, maxLength: 120 }, minItems: 3, maxItems: 3 },
};

export function triplesGrammar(): string {
  return schemaGrammar(schema);
}

export function parseTriples(reply: string): Reply<Triple[]> {
  return listReply(reply, readTriple, form);
}

function readTriple(item: Json): Triple | undefined {
  if (!Array.isArray(item) || item.length !== 3) return undefined;
  const [subject, relation, object] = item.map((part) => (typeof part === "string" ? part.trim() : ""));
  return subject && relation && object ? { subject, relation, object } : undefined;
}
