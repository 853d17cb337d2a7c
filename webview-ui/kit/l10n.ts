import { en } from "./l10n/en";
import { zhCn } from "./l10n/zh-cn";
import { locale } from "./locale";

/** A sentence of the views by its key. */
export type Word = keyof typeof en;
export type Dictionary = Record<Word, string>;

const words: Dictionary = locale.toLowerCase().startsWith("zh") ? zhCn : en;

/**
 * The sentence `key` in the editor's language. `{name}` is replaced by a value; `{n|one|many}` chooses by whether the
 * number `n` is 1.
 */
export function t(key: Word, values: Record<string, string | number> = {}): string {
  return words[key].replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (one !== undefined && many !== undefined) return value === 1 || value === "1" ? one : many;
      return typeof value === "number" ? formatNumber(value) : value;
    },
  );
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString(locale) : String(value);
}
