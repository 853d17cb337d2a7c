import { fail } from "../../contract/errors";
import type { InterventionChange, InterventionEntry } from "../../contract/interventions";
import type { Where } from "../../contract/sites";

/** Greatest strength, value or scale that is taken: beyond it no model answers anything. */
export const strengthLimit = 1000;
const nameLimit = 200;

/** Gives the entry, or throws `badArgument` or `notFinite` for one that cannot act. */
export function checkEntry(entry: InterventionEntry): InterventionEntry {
  const name = entry.name.trim();
  if (name === "" || name.length > nameLimit) fail("badArgument", "An intervention needs a name of its own.");
  const strength = strengthOf(entry);
  if (strength !== undefined) checkStrength(strength);
  for (const layer of layersOf(entry) ?? []) {
    if (!Number.isInteger(layer) || layer < 0) fail("badArgument", `There is no layer ${layer}.`);
  }
  return name === entry.name ? entry : { ...entry, name };
}

function checkStrength(strength: number): void {
  if (!Number.isFinite(strength)) fail("notFinite", "The strength is no number.");
  if (Math.abs(strength) > strengthLimit) {
    fail("badArgument", `A strength lies between -${strengthLimit} and ${strengthLimit}.`);
  }
}

/** The entry's strength, value or scale; undefined where the file's own is taken. */
export function strengthOf(entry: InterventionEntry): number | undefined {
  switch (entry.kind) {
    case "direction":
      return entry.use.strength;
    case "feature":
      return entry.use.value;
    case "edit":
      return entry.use.scale;
    case "write":
      return entry.intervention.strength;
  }
}

export function layersOf(entry: InterventionEntry): readonly number[] | undefined {
  if (entry.kind === "direction") return entry.use.layers;
  return entry.kind === "write" && entry.intervention.layer !== undefined ? [entry.intervention.layer] : undefined;
}

/** The file or folder an entry lives in. */
export function fileOf(entry: InterventionEntry): string | undefined {
  switch (entry.kind) {
    case "direction":
    case "edit":
      return entry.use.file;
    case "feature":
      return entry.use.folder;
    case "write":
      return undefined;
  }
}

/** An entry with a change made. Throws `badArgument` for what its kind does not have. */
export function changed(entry: InterventionEntry, change: InterventionChange): InterventionEntry {
  const name = change.name ?? entry.name;
  switch (entry.kind) {
    case "direction": {
      const mode = directionMode(change.mode) ?? entry.use.mode;
      const use = { ...entry.use, mode };
      // A share and a strength are different things: neither is taken over from the other.
      if (change.mode !== undefined && (mode === "add") !== (entry.use.mode === "add")) delete use.strength;
      if (change.strength !== undefined) use.strength = mode === "add" ? change.strength : share(change.strength);
      return { ...entry, name, use: placed(layered(use, change.layers), change.where) };
    }
    case "feature": {
      refuse(change, ["layers"], "A feature's layer is its own.");
      const use = { ...entry.use, mode: featureMode(change.mode) ?? entry.use.mode };
      if (change.strength !== undefined) use.value = change.strength;
      return { ...entry, name, use: placed(use, change.where) };
    }
    case "edit": {
      refuse(change, ["layers", "where", "mode"], "An edit acts as a whole.");
      const use = change.strength === undefined ? entry.use : { ...entry.use, scale: change.strength };
      return { ...entry, name, use };
    }
    case "write": {
      refuse(change, ["layers", "mode"], "This intervention acts at one place.");
      const { intervention } = entry;
      if (change.strength !== undefined && intervention.operation !== "scale")
        fail("badArgument", "This intervention has no strength.");
      const strength = change.strength === undefined ? {} : { strength: change.strength };
      return {
        ...entry,
        name,
        intervention: { ...intervention, ...strength, where: change.where ?? intervention.where },
      };
    }
  }
}

function refuse(change: InterventionChange, keys: (keyof InterventionChange)[], why: string): void {
  if (keys.some((each) => change[each] !== undefined)) fail("badArgument", why);
}

function share(value: number): number {
  return value >= 0 && value <= 1 ? value : fail("badArgument", "The share taken away lies between 0 and 1.");
}

function directionMode(mode: InterventionChange["mode"]): "add" | "zero" | "mean" | undefined {
  if (mode === undefined || mode === "add" || mode === "zero" || mode === "mean") return mode;
  return fail("badArgument", `A direction cannot ${mode}.`);
}

function featureMode(mode: InterventionChange["mode"]): "steer" | "clamp" | "ablate" | undefined {
  if (mode === undefined || mode === "steer" || mode === "clamp" || mode === "ablate") return mode;
  return fail("badArgument", `A feature cannot ${mode}.`);
}

function layered<T extends { layers?: number[] }>(use: T, layers: number[] | null | undefined): T {
  if (layers === undefined) return use;
  const { layers: _before, ...rest } = use;
  return (layers === null || layers.length === 0 ? rest : { ...rest, layers }) as T;
}

function placed<T extends { where?: Where }>(use: T, where: InterventionChange["where"]): T {
  if (where === undefined) return use;
  const { where: _before, ...rest } = use;
  return (where === null ? rest : { ...rest, where }) as T;
}
