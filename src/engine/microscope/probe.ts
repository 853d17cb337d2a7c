import { fail } from "../../contract/errors";
import type { ModelInfo } from "../../contract/model";
import type { Site } from "../../contract/sites";
import type { Token } from "../../contract/token";
import type { Input } from "../../contract/verbs";
import type { Lab } from "./lab";

/** Tokens of an input; an empty one and one beyond the context are refused. */
export async function probeTokens(lab: Lab, input: Input, think?: "off" | "auto"): Promise<Token[]> {
  const tokens = await lab.render(input, think);
  if (tokens.length === 0) fail("badArgument", "The prompt is empty.", { remedy: "Give some text." });
  if (tokens.length > lab.info.context) {
    fail("contextFull", `The prompt has ${tokens.length} tokens, the context ${lab.info.context}.`, {
      remedy: "Shorten the prompt or load the model with a larger context.",
      details: { tokens: tokens.length, context: lab.info.context },
    });
  }
  return tokens;
}

/** An index into `count` positions; negative ones count from the end. */
export function positionOf(position: number, count: number): number {
  const at = position < 0 ? count + position : position;
  if (!Number.isInteger(at) || at < 0 || at >= count)
    fail("badArgument", `Position ${position} is not in a prompt of ${count} tokens.`, {
      details: { position, count },
    });
  return at;
}

/** The one token a text makes. */
export function oneToken(lab: Lab, text: string, what: string): Token {
  if (text === "") fail("unknownToken", `The ${what} is empty.`, { remedy: "Give the text of one token." });
  const tokens = lab.tokenize(text, true);
  if (tokens.length === 0) fail("unknownToken", `'${text}' makes no token of this model.`);
  if (tokens.length > 1) {
    const parts = tokens.map((token) => JSON.stringify(token.text)).join(" ");
    fail("severalTokens", `The ${what} '${text}' makes ${tokens.length} tokens: ${parts}.`, {
      remedy: "Give the text of one token; a word inside a sentence usually begins with a space.",
      details: { tokens },
    });
  }
  return tokens[0]!;
}

export function requireSite(info: ModelInfo, site: Site): void {
  if (info.sites.includes(site)) return;
  const reason = info.missingSites.find((sentence) => sentence.includes(site)) ?? info.missingSites[0];
  fail("noSuchSite", `Models of the architecture '${info.architecture}' have no site '${site}' here.`, {
    remedy: reason,
    details: { site, sites: info.sites },
  });
}

export function requireLayer(info: ModelInfo, layer: number): void {
  if (!Number.isInteger(layer) || layer < 0 || layer >= info.layers)
    fail("noSuchSite", `There is no layer ${layer}; this model's are 0 to ${info.layers - 1}.`, {
      details: { layer, layers: info.layers },
    });
}

/** A count within [low, high]. */
export function requireCount(value: number, what: string, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    fail("badArgument", `${what} is ${value}; it must be a whole number from ${low} to ${high}.`);
}

/** Throws `cancelled` when the caller has gone. */
export function checkpoint(signal: AbortSignal): void {
  if (signal.aborted) fail("cancelled", "Cancelled.");
}

export const layersOf = (info: ModelInfo): number[] => Array.from({ length: info.layers }, (_, layer) => layer);
