import { fail } from "../../contract/errors";
import type { Positions, Where } from "../../contract/sites";

/** Positions as indices from 0, in rising order and once each. Throws `badArgument` where one is outside. */
export function resolvePositions(positions: Positions, length: number): number[] {
  if (positions === "all") return Array.from({ length }, (_, index) => index);
  if (positions === "last") return length === 0 ? [] : [length - 1];
  return [...new Set(positions.map((position) => indexOf(position, length)))].sort((a, b) => a - b);
}

/**
 * Positions an intervention acts on, in the order its rows are meant. `prompt` is how many tokens the prompt has; the rest
 * is generated. A list keeps its own order.
 */
export function resolveWhere(where: Where, length: number, prompt: number): number[] {
  const range = (from: number, to: number): number[] =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  if (where === "all") return range(0, length);
  if (where === "prompt") return range(0, Math.min(prompt, length));
  if (where === "generated") return range(prompt, length);
  if (where === "lastPrompt") return prompt > 0 && prompt <= length ? [prompt - 1] : [];
  return where.map((position) => indexOf(position, prompt));
}

function indexOf(position: number, length: number): number {
  const index = position < 0 ? length + position : position;
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    fail("badArgument", `Position ${position} is outside the ${length} tokens.`);
  }
  return index;
}
