import type { PromptSet } from "../../../contract/acting";
import type { Behaviour } from "../../../contract/instruments";
import type { Input } from "../../../contract/verbs";
import cheerful from "./sets/cheerful.json";
import formal from "./sets/formal.json";
import refusal from "./sets/refusal.json";
import thinking from "./sets/thinking.json";
import tools from "./sets/tools.json";
import truthful from "./sets/truthful.json";

/**
 * A set as it is kept: what a person says on each side. The files are bundled into the engine, so that they are there wherever it runs
 * and no path has to be found.
 */
interface StoredSet {
  id: string;
  title: string;
  about: string;
  system?: { positive?: string; negative?: string };
  positive: string[];
  negative: string[];
  behaviour?: Behaviour;
}

const stored: readonly StoredSet[] = [refusal, cheerful, formal, thinking, truthful, tools];

/** Share of each side that is kept for the proof: the last quarter. A fifth of the rest is kept for the choice. */
const heldOutShare = 0.25;

/** The prompt sets that ship, as conversations. What a direction is proved on is never what it was found or chosen on. */
export function promptSets(): PromptSet[] {
  return stored.map(({ id, title, about, system, positive, negative, behaviour }) => {
    const sides = {
      positive: positive.map((text) => chat(text, system?.positive)),
      negative: negative.map((text) => chat(text, system?.negative)),
    };
    const cut = ({ length }: Input[]) => length - Math.round(length * heldOutShare);
    return {
      id,
      title,
      about,
      positive: sides.positive.slice(0, cut(sides.positive)),
      negative: sides.negative.slice(0, cut(sides.negative)),
      heldOut: {
        positive: sides.positive.slice(cut(sides.positive)),
        negative: sides.negative.slice(cut(sides.negative)),
      },
      ...(behaviour ? { behaviour } : {}),
    };
  });
}

function chat(content: string, system?: string): Input {
  return {
    kind: "chat",
    messages: [...(system ? [{ role: "system" as const, content: system }] : []), { role: "user", content }],
  };
}
