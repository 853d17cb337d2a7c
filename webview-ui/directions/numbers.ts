/** A number as people write it; undefined for nothing written, null for what is no finite number or beyond what is taken. */
export function numberOf(text: string): number | undefined | null {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  if (plain === "") return undefined;
  const value = Number(plain);
  return Number.isFinite(value) && Math.abs(value) <= 1000 ? value : null;
}

/** `-1, -0.5, 0` as numbers in order, each once; null where one is none or there is none. */
export function numbersOf(text: string): number[] | null {
  const values = text
    .split(/[\s,;]+/)
    .filter((part) => part !== "")
    .map(numberOf);
  if (values.length === 0 || values.some((value) => typeof value !== "number")) return null;
  return [...new Set(values as number[])].sort((a, b) => a - b);
}
