import type { InterventionChange, InterventionEntry } from "../../src/contract/interventions";
import type { Word } from "../kit/l10n";

/** How an entry's strength is shown: the ends of its slider, and what one is worth. */
export interface Dial {
  value: number;
  low: number;
  high: number;
  step: number;
  label: Word;
  unit: Word;
}

/** Null where the entry has nothing to turn. */
export function dialOf(entry: InterventionEntry): Dial | null {
  switch (entry.kind) {
    case "direction": {
      const { mode, strength = 1 } = entry.use;
      if (mode !== "add") return { value: strength, low: 0, high: 1, step: 0.05, label: "share", unit: "shareUnit" };
      const end = endOf(strength, 2);
      return { value: strength, low: -end, high: end, step: end / 40, label: "strength", unit: "strengthUnit" };
    }
    case "feature": {
      if (entry.use.mode === "ablate") return null;
      const { value = 1 } = entry.use;
      const end = endOf(value, 2);
      return { value, low: -end, high: end, step: end / 40, label: "featureValue", unit: "featureUnit" };
    }
    case "edit": {
      const { scale = 1 } = entry.use;
      const end = endOf(scale, 2);
      return { value: scale, low: -end, high: end, step: end / 40, label: "scale", unit: "scaleUnit" };
    }
    case "write": {
      const { operation, strength = 1 } = entry.intervention;
      if (operation !== "scale") return null;
      return { value: strength, low: 0, high: endOf(strength, 4), step: 0.05, label: "factor", unit: "factorUnit" };
    }
  }
}

/** The slider's end: the usual one, or as many times twice it as the value needs. */
function endOf(value: number, usual: number): number {
  let end = usual;
  while (Math.abs(value) > end) end *= 2;
  return end;
}

type Mode = NonNullable<InterventionChange["mode"]>;

export function modesOf({ kind }: InterventionEntry): { value: Mode; label: Word }[] {
  if (kind === "direction") {
    return [
      { value: "add", label: "modeAdd" },
      { value: "zero", label: "modeZero" },
      { value: "mean", label: "modeMean" },
    ];
  }
  if (kind !== "feature") return [];
  return [
    { value: "steer", label: "modeSteer" },
    { value: "clamp", label: "modeClamp" },
    { value: "ablate", label: "modeAblate" },
  ];
}

/** `3, 5-7` as [3, 5, 6, 7]; null (the file's own) for nothing; undefined for what cannot be read or the model lacks. */
export function parseLayers(text: string, layers: number): number[] | null | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  if (parts.length === 0) return null;
  const found = new Set<number>();
  for (const part of parts) {
    const match = /^(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?$/.exec(part);
    if (!match) return undefined;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (from > to || to >= layers) return undefined;
    for (let layer = from; layer <= to; layer++) found.add(layer);
  }
  return [...found].sort((a, b) => a - b);
}

/** [3, 5, 6, 7] as `3, 5-7`. */
export function layersText(layers: readonly number[] | undefined): string {
  const runs: [number, number][] = [];
  for (const layer of layers ?? []) {
    const last = runs.at(-1);
    if (last && last[1] === layer - 1) last[1] = layer;
    else runs.push([layer, layer]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
}
