import type { Conversation } from "../../contract/conversation";
import { shownPath } from "./tree";

/** The shown path as a Markdown document: what was asked as a quotation, what was answered as it is. */
export function asMarkdown(conversation: Conversation): string {
  const turns = shownPath(conversation).map(({ role, text, thought, model, altered, error }) => {
    if (role === "user") return text.replace(/^/gm, "> ");
    const from = model ? `*${model.name}${altered ? " (altered)" : ""}*\n\n` : "";
    const thinking = thought ? `<details><summary>…</summary>\n\n${thought.trim()}\n\n</details>\n\n` : "";
    const broken = error ? `\n\n*${error.message}*` : "";
    return `${from}${thinking}${text}${broken}`;
  });
  return `# ${conversation.title || "…"}\n\n${turns.join("\n\n")}\n`;
}
