import type { PromptSet } from "../../src/contract/acting";
import type { Behaviour } from "../../src/contract/instruments";
import type { Input } from "../../src/contract/verbs";

/** One side: text a person can edit, a prompt a line, or inputs taken as they are (rated answers, a file of conversations). */
export type Side = { kind: "text"; text: string; system: string } | { kind: "inputs"; inputs: Input[]; title: string };

/** Two groups of prompts and how the behaviour that tells them apart is recognised. */
export interface Sides {
  positive: Side;
  negative: Side;
  /** Lines go through the chat template. */
  chat: boolean;
  startsWith: string;
  contains: string;
}

const noText: Side = { kind: "text", text: "", system: "" };
export const noSides: Sides = { positive: noText, negative: noText, chat: true, startsWith: "", contains: "" };

export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

export function inputsOfSide(side: Side, chat: boolean): Input[] {
  if (side.kind === "inputs") return side.inputs;
  const system = side.system.trim();
  return linesOf(side.text).map((line) =>
    chat
      ? {
          kind: "chat",
          messages: [
            ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
            { role: "user" as const, content: line },
          ],
        }
      : { kind: "prompt", text: line },
  );
}

export function countOfSide(side: Side): number {
  return side.kind === "inputs" ? side.inputs.length : linesOf(side.text).length;
}

export function behaviourIn({ startsWith, contains }: Sides): Behaviour | undefined {
  const starts = linesOf(startsWith);
  const parts = linesOf(contains);
  if (starts.length === 0 && parts.length === 0) return undefined;
  return { ...(starts.length > 0 && { startsWith: starts }), ...(parts.length > 0 && { contains: parts }) };
}

/** Inputs as text to edit, where that says all of them: one question each, the same system message before it. */
export function sideOf(inputs: readonly Input[], title: string): Side {
  const asked = inputs.map((input) => {
    if (input.kind === "prompt") return { system: "", text: input.text };
    if (input.kind !== "chat" || input.prefill || input.tools) return null;
    const [first, second, ...more] = input.messages;
    if (more.length > 0 || !first) return null;
    if (!second) return first.role === "user" ? { system: "", text: first.content } : null;
    return first.role === "system" && second.role === "user" ? { system: first.content, text: second.content } : null;
  });
  const system = asked[0]?.system ?? "";
  const plain = asked.every((each) => each !== null && each.system === system && !each.text.includes("\n"));
  if (!plain) return { kind: "inputs", inputs: [...inputs], title };
  return { kind: "text", text: asked.map((each) => each!.text).join("\n"), system };
}

/** A shipped set: what a direction is found on, and apart from it what it is proved on. */
export function sidesOfSet(set: PromptSet): { find: Sides; proof: Sides } {
  const about = {
    chat: set.positive.some(({ kind }) => kind === "chat"),
    startsWith: (set.behaviour?.startsWith ?? []).join("\n"),
    contains: (set.behaviour?.contains ?? []).join("\n"),
  };
  const sides = ({ positive, negative }: Pick<PromptSet, "positive" | "negative">): Sides => ({
    positive: sideOf(positive, set.title),
    negative: sideOf(negative, set.title),
    ...about,
  });
  return { find: sides(set), proof: sides(set.heldOut ?? { positive: [], negative: [] }) };
}

/** Keeps the last quarter of each side for the proof, so that nothing is proved on what it was found on. */
export function splitForProof(find: Sides): { find: Sides; proof: Sides } {
  const part = (side: Side, proof: boolean): Side => {
    const cut = countOfSide(side) - Math.max(1, Math.round(countOfSide(side) / 4));
    const take = <T>(list: readonly T[]): T[] => (proof ? list.slice(cut) : list.slice(0, cut));
    return side.kind === "inputs"
      ? { ...side, inputs: take(side.inputs) }
      : { ...side, text: take(linesOf(side.text)).join("\n") };
  };
  const both = (proof: boolean): Sides => ({
    ...find,
    positive: part(find.positive, proof),
    negative: part(find.negative, proof),
  });
  return { find: both(false), proof: both(true) };
}

const keyOf = (input: Input): string => JSON.stringify(input);

/** Why a direction cannot be looked for or proved with these sides; null where it can. */
export function wrongWith(sides: Sides, least: number): "tooFew" | "identical" | null {
  const positive = inputsOfSide(sides.positive, sides.chat);
  const negative = inputsOfSide(sides.negative, sides.chat);
  if (positive.length < least || negative.length < least) return "tooFew";
  const seen = new Set(positive.map(keyOf));
  const shared = negative.filter((input) => seen.has(keyOf(input))).length;
  return shared === negative.length || shared === positive.length ? "identical" : null;
}

/** Prompts of the proof that the direction was found on. */
export function overlapOf(find: Sides, proof: Sides): number {
  const all = (sides: Sides): Input[] => [
    ...inputsOfSide(sides.positive, sides.chat),
    ...inputsOfSide(sides.negative, sides.chat),
  ];
  const seen = new Set(all(find).map(keyOf));
  return all(proof).filter((input) => seen.has(keyOf(input))).length;
}

/** What was asked, for a table. */
export function askedIn(input: Input): string {
  if (input.kind === "prompt") return input.text;
  return input.kind === "chat" ? (input.messages.findLast(({ role }) => role === "user")?.content ?? "") : "";
}
