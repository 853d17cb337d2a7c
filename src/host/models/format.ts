import path from "node:path";
import * as vscode from "vscode";
import type { ModelEntry } from "../../contract/model";

/** Bytes as people write them: 11.6 MB, 1.2 GB (powers of ten, as download pages do). */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? "B"}`;
}

export function parameters(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} B`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return String(count);
}

/** What stands beside a model's name: size, licence, what it needs. */
export function summary(entry: ModelEntry): string {
  // Many files call themselves alike; a person knows theirs by its file's name.
  const file = entry.kind === "file" && entry.file ? path.basename(entry.file) : undefined;
  const parts = [
    file,
    entry.parameters,
    entry.size > 0 ? bytes(entry.size) : undefined,
    entry.licence,
    entry.memory ? vscode.l10n.t("needs {0}", bytes(entry.memory)) : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}
