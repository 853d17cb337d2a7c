import type { EditMethod, Fact } from "../../src/contract/acting";
import { t } from "../kit/l10n";

export interface Neighbour {
  prompt: string;
  answer: string;
}

/** What a person has typed; nothing of it is checked yet. */
export interface EditFields {
  prompt: string;
  chat: boolean;
  subject: string;
  from: string;
  to: string;
  method: EditMethod;
  /** Empty: found by causal tracing. */
  layer: string;
  name: string;
  /** One a line. */
  paraphrases: string;
  neighbours: Neighbour[];
}

export const firstFields: EditFields = {
  prompt: "",
  chat: true,
  subject: "",
  from: "",
  to: "",
  method: "rank-one",
  layer: "",
  name: "",
  paraphrases: "",
  neighbours: [],
};

export function factOf(fields: EditFields): Fact {
  const paraphrases = fields.paraphrases
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const neighbours = fields.neighbours
    .map(({ prompt, answer }) => ({ prompt: prompt.trim(), answer: answer.trim() }))
    .filter(({ prompt, answer }) => prompt !== "" && answer !== "");
  return {
    prompt: fields.prompt.trim(),
    subject: fields.subject.trim(),
    from: fields.from.trim(),
    to: fields.to.trim(),
    ...(paraphrases.length > 0 && { paraphrases }),
    ...(neighbours.length > 0 && { neighbours }),
    ...(fields.chat && { chat: true }),
  };
}

export function fieldsOf(fact: Fact, method: EditMethod | undefined): Partial<EditFields> {
  const { prompt, subject, from, to, chat, paraphrases, neighbours } = fact;
  return {
    prompt,
    subject,
    from,
    to,
    chat: chat === true,
    paraphrases: (paraphrases ?? []).join("\n"),
    neighbours: (neighbours ?? []).map((each) => ({ ...each })),
    ...(method && { method }),
  };
}

/** Why nothing can be made of the fields yet, or null. */
export function lacking(fields: EditFields, need: "locate" | "make"): string | null {
  const { prompt, subject, from, to } = factOf(fields);
  if (prompt === "") return t("editNeedsPrompt");
  if (subject === "" || !prompt.includes(subject)) return t("editNeedsSubject");
  if (from === "") return t("editNeedsFrom");
  if (need === "make" && to === "") return t("editNeedsTo");
  if (need === "make" && from === to) return t("editSame");
  return null;
}

/** A file name that says what was edited. */
export function nameFor(fields: EditFields): string {
  if (fields.name.trim() !== "") return fields.name.trim();
  const { subject, to } = factOf(fields);
  return `${subject}-${to}-${fields.method}`.replace(/[^\p{L}\p{N}.-]+/gu, "-").slice(0, 80);
}
