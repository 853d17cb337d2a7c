import { fail } from "../../contract/errors";
import type { Input, Think } from "../../contract/verbs";
import type { Model } from "../llama/model";
import { Neutraliser } from "./neutralise";
import { plainTemplate, renderTemplate } from "./template";
import { marksOf } from "./thinking";

export interface Rendered {
  ids: Int32Array;
  /** What the ids stand for, as it was before it was tokenised; empty for an input of ids. */
  text: string;
  /** The reply begins inside a thought that the template has opened. */
  insideThought: boolean;
}

/** The tokens an input becomes. Text from outside never becomes a control token; what the template writes does. */
export function renderInput(model: Model, input: Input, options: { think?: Think }): Rendered {
  switch (input.kind) {
    case "prompt":
      return {
        ids: model.vocabulary.encode(input.text, { special: false, frame: true }),
        text: input.text,
        insideThought: false,
      };
    case "tokens":
      for (const id of input.ids) model.vocabulary.check(id);
      return { ids: Int32Array.from(input.ids), text: "", insideThought: false };
    case "chat":
      return renderChat(model, input, options.think ?? "auto");
    default:
      fail("badArgument", "An input is a prompt, a chat or tokens.");
  }
}

function renderChat(model: Model, input: Extract<Input, { kind: "chat" }>, think: Think): Rendered {
  const { vocabulary } = model;
  if (input.messages.length === 0) fail("badArgument", "A conversation needs at least one message.");
  const outside = JSON.stringify([input.messages, input.tools ?? [], input.prefill ?? ""]);
  const neutraliser = new Neutraliser(vocabulary.controlTexts(), outside);
  const source = model.chatTemplate || plainTemplate;
  const special = (id: number): string => (id < 0 ? "" : vocabulary.token(id).text);
  let rendered = renderTemplate(source, {
    messages: neutraliser.apply(input.messages),
    ...(input.tools ? { tools: neutraliser.apply(input.tools) } : {}),
    thinking: think !== "off" && think !== 0,
    bos: special(vocabulary.bos),
    eos: special(vocabulary.eos),
  });
  const marks = marksOf(model.chatTemplate);
  let insideThought = marks !== undefined && rendered.trimEnd().endsWith(marks.open);
  if (marks && (think === "off" || think === 0)) {
    // Templates that know `enable_thinking` have written the empty thought themselves.
    if (insideThought) rendered = `${rendered.trimEnd()}\n\n${marks.close}\n\n`;
    else if (!rendered.trimEnd().endsWith(marks.close)) rendered += `${marks.open}\n\n${marks.close}\n\n`;
    insideThought = false;
  }
  // A budget of tokens asks for a thought: where the template leaves it to the model, it is opened.
  if (marks && typeof think === "number" && think > 0 && !insideThought && !rendered.trimEnd().endsWith(marks.open)) {
    rendered += `${marks.open}\n`;
    insideThought = true;
  }
  if (input.prefill) {
    if (insideThought && marks) rendered += `\n${marks.close}\n\n`;
    insideThought = false;
    rendered += neutraliser.apply(input.prefill);
  }
  return { ids: encodePieces(model, neutraliser.split(rendered)), text: restore(neutraliser, rendered), insideThought };
}

function restore(neutraliser: Neutraliser, rendered: string): string {
  return neutraliser
    .split(rendered)
    .map(({ text }) => text)
    .join("");
}

function encodePieces({ vocabulary }: Model, pieces: { text: string; outside: boolean }[]): Int32Array {
  const parts = pieces.map(({ text, outside }) => vocabulary.encode(text, { special: !outside, frame: false }));
  const ids = parts.flatMap((part) => [...part]);
  // A template that does not write the beginning token leaves it to the tokenizer.
  if (vocabulary.addsBos && vocabulary.bos >= 0 && ids[0] !== vocabulary.bos) ids.unshift(vocabulary.bos);
  return Int32Array.from(ids);
}
