import type { ToolSpec } from "../../../contract/chat";
import { literal } from "../../prompts/gbnf";
import { spacedJson } from "../../prompts/spacedJson";
import type { CallForm } from "./forms";
import { argumentSchema } from "./normalise";
import { SchemaGrammar, type GrammarOptions } from "./schemaGrammar";

/**
 * GBNF of a reply: words, or words and one call of an offered tool with fitting arguments. Words cannot contain the mark
 * that opens a call, so no call escapes its schema. With `required` there are no words.
 */
export function replyGrammar(
  form: CallForm,
  tools: readonly ToolSpec[],
  required: boolean,
  options: GrammarOptions = {},
): string {
  const grammar = new SchemaGrammar(options);
  const body = callBody(grammar, form, tools);
  const call = form.open === "" ? body : `${literal(form.open)} ${body}`;
  if (required) return grammar.text(call);
  if (form.open === "" || !form.afterWords) {
    const start = (form.open + form.before)[0] ?? "{";
    return grammar.text(`${call} | [^${escapeClass(start)}] [^\\x00]*`);
  }
  return grammar.text(words(grammar, form.open, body));
}

function callBody(grammar: SchemaGrammar, form: CallForm, tools: readonly ToolSpec[]): string {
  const ways = tools.map((tool) => {
    const head = literal(`${form.before}${spacedJson(tool.name)}${form.between}`);
    return grammar.rule(
      `call-${tool.name}`,
      `${head} ${grammar.value(argumentSchema(tool.parameters), tool.name)} ${literal(form.after)}`,
    );
  });
  return grammar.rule("call", ways.join(" | "));
}

/**
 * Text in which `mark` can only be followed by `body`: the automaton that looks for the mark (Knuth, Morris, Pratt), a
 * rule a state. The mark's first character must not return in it, so that every mismatch falls back to state 0 or 1.
 */
function words(grammar: SchemaGrammar, mark: string, body: string): string {
  const first = escapeClass(mark[0] ?? "");
  const names = [...mark].map((_, i) => grammar.reserve(`said-${i}`));
  [...mark].forEach((char, i) => {
    const found = i + 1 === mark.length ? body : names[i + 1];
    const other = i === 0 ? `[^${first}]` : `[^${first}${escapeClass(char)}]`;
    const again = i === 0 ? [] : [`[${first}] ${names[1] ?? body}`];
    grammar.define(
      names[i] ?? "",
      [`[${escapeClass(char)}] ${found}`, ...again, `${other} ${names[0]}`, `""`].join(" | "),
    );
  });
  return names[0] ?? body;
}

function escapeClass(char: string): string {
  return char.replace(/[\]\\^-]/g, "\\$&");
}
