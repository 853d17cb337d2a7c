import { randomUUID } from "node:crypto";
import type { InterventionEntry, InterventionKind } from "../../contract/interventions";
import { checkEntry } from "./entry";

type Bag = Record<string, unknown>;

/** What a workspace has kept, as far as it makes sense: an entry that is none is left out. */
export function readEntries(stored: unknown): InterventionEntry[] {
  if (!Array.isArray(stored)) return [];
  const seen = new Set<string>();
  return stored.flatMap((value) => {
    const entry = readEntry(value);
    if (!entry || seen.has(entry.id) || seen.has(entry.name)) return [];
    seen.add(entry.id).add(entry.name);
    return [entry];
  });
}

function readEntry(value: unknown): InterventionEntry | null {
  if (!isBag(value)) return null;
  const { name, on } = value;
  if (typeof name !== "string" || typeof on !== "boolean") return null;
  const kind = readKind(value);
  if (!kind) return null;
  // The first version kept writes alone, without an id.
  const id = typeof value.id === "string" ? value.id : randomUUID();
  try {
    return checkEntry({ ...kind, id, name, on });
  } catch {
    return null; // what cannot act is not kept
  }
}

function readKind(value: Bag): InterventionKind | null {
  const { kind, use, intervention, meter } = value;
  if (kind === "direction" && isBag(use) && typeof use.file === "string" && isMode(use.mode, ["add", "zero", "mean"])) {
    const shown = meter === true ? { meter: true } : {};
    return { kind, use: use as never, ...shown };
  }
  const features = ["steer", "clamp", "ablate"];
  if (kind === "feature" && isBag(use) && typeof use.folder === "string" && Number.isInteger(use.feature)) {
    return isMode(use.mode, features) ? { kind, use: use as never } : null;
  }
  if (kind === "edit" && isBag(use) && typeof use.file === "string") return { kind, use: use as never };
  if ((kind === "write" || kind === undefined) && isBag(intervention) && typeof intervention.site === "string") {
    return { kind: "write", intervention: intervention as never };
  }
  return null;
}

function isMode(mode: unknown, modes: string[]): boolean {
  return typeof mode === "string" && modes.includes(mode);
}

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
