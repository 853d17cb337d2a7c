import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { FeatureContext, FeaturesBrowseParams } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import { writeWhole } from "../files/whole";
import type { Lab } from "../lab";
import { inGroups } from "../measures/passes";
import type { Progressing } from "../directions/extract";
import { requireCount } from "../probe";
import { checkFits } from "./info";
import { openSae } from "./opened";
import { encodeOne } from "./sae";

/** What running a corpus through an SAE has shown, by feature. Kept beside it as `contexts.jsonl`, a line a feature. */
export interface FeatureRecord {
  feature: number;
  density: number;
  max: number;
  /** Counts of its activations in ten equal bins up to the greatest. */
  histogram: number[];
  contexts: FeatureContext[];
}

const around = { before: 12, after: 4 };
const windowTokens = 128;
const bins = 10;

/** Runs text through the model and keeps each feature's density and strongest contexts, in one pass with bounded memory. */
export async function browseFeatures(
  lab: Lab,
  params: FeaturesBrowseParams,
  run: Progressing,
): Promise<{ tokens: number; features: number; partial: boolean }> {
  requireCount(params.count, "The number of contexts", 1, 50);
  const sae = await openSae(params.folder);
  checkFits(lab, sae);
  const records = Array.from({ length: sae.features }, () => ({
    hits: 0,
    max: 0,
    values: [] as number[],
    contexts: [] as FeatureContext[],
  }));
  let tokens = 0;
  let partial = false;
  for (const [t, { source, text }] of params.texts.entries()) {
    if (run.signal.aborted) {
      partial = true;
      break;
    }
    const ids = lab.tokenize(text, true).map(({ id }) => id);
    for (let from = 0; from < ids.length; from += windowTokens) {
      const window = ids.slice(from, from + windowTokens);
      if (window.length < 2) continue;
      const active: { feature: number; activation: number }[][] = window.map(() => []);
      const read = { site: sae.site, layer: sae.layer, positions: "all" as const };
      await inGroups(lab, [window], [read], { signal: run.signal }, (_s, _r, position, row) => {
        if (position > 0) active[position] = encodeOne(sae, row);
      });
      tokens += window.length - 1;
      keep(lab, records, window, active, source, params.count);
    }
    run.progress(t + 1, params.texts.length, "reading");
  }
  if (tokens === 0 && !partial) fail("badArgument", "The corpus holds no text.");
  const lines = records.map((record, feature): FeatureRecord => {
    const histogram = new Array<number>(bins).fill(0);
    for (const value of record.values) histogram[Math.min(bins - 1, Math.floor((value / record.max) * bins))]!++;
    return {
      feature,
      density: record.hits / Math.max(1, tokens),
      max: record.max,
      histogram,
      contexts: record.contexts,
    };
  });
  await writeWhole(
    contextsFile(params.folder),
    lines.map((line) => `${JSON.stringify(line)}\n`),
  );
  return { tokens, features: records.filter(({ hits }) => hits > 0).length, partial };
}

/** Activations of a feature kept for its histogram, at most: a sample from the front of the corpus. */
const valuesKept = 400;

function keep(
  lab: Lab,
  records: { hits: number; max: number; values: number[]; contexts: FeatureContext[] }[],
  window: number[],
  active: { feature: number; activation: number }[][],
  source: string,
  count: number,
): void {
  // Of one window a feature keeps its strongest place only: contexts are to differ.
  const peaks = new Map<number, { position: number; activation: number }>();
  active.forEach((list, position) => {
    for (const { feature, activation } of list) {
      const record = records[feature]!;
      record.hits++;
      record.max = Math.max(record.max, activation);
      if (record.values.length < valuesKept) record.values.push(activation);
      if (activation > (peaks.get(feature)?.activation ?? 0)) peaks.set(feature, { position, activation });
    }
  });
  for (const [feature, { position, activation }] of peaks) {
    const { contexts } = records[feature]!;
    const weakest = contexts.at(-1);
    if (contexts.length === count && weakest && activation <= weakest.activations[weakest.at]!) continue;
    const from = Math.max(0, position - around.before);
    const to = Math.min(window.length, position + around.after + 1);
    contexts.push({
      source,
      tokens: window.slice(from, to).map((id) => lab.token(id).text),
      activations: active.slice(from, to).map((list) => list.find((each) => each.feature === feature)?.activation ?? 0),
      at: position - from,
    });
    contexts.sort((a, b) => b.activations[b.at]! - a.activations[a.at]!);
    if (contexts.length > count) contexts.pop();
  }
}

function contextsFile(folder: string): string {
  return path.join(folder, "contexts.jsonl");
}

let lastRead: { file: string; stamp: string; records: Map<number, FeatureRecord> } | undefined;

/** What browsing kept; empty where it was not done. Read once for as long as the file stays as it is. */
export function readRecords(folder: string): ReadonlyMap<number, FeatureRecord> {
  const file = contextsFile(folder);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) return new Map();
  const stamp = `${found.mtimeMs}.${found.size}`;
  if (lastRead?.file !== file || lastRead.stamp !== stamp) lastRead = { file, stamp, records: parseRecords(file) };
  return lastRead.records;
}

function parseRecords(file: string): Map<number, FeatureRecord> {
  const records = new Map<number, FeatureRecord>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const record = parseRecord(line);
    if (!record) fail("damagedFile", `'${file}' is damaged.`, { remedy: "Browse the features again." });
    records.set(record.feature, record);
  }
  return records;
}

function parseRecord(line: string): FeatureRecord | undefined {
  try {
    const value = JSON.parse(line) as Partial<FeatureRecord> | null;
    const numbers = [value?.feature, value?.density, value?.max];
    return numbers.every((each) => typeof each === "number") &&
      Array.isArray(value?.contexts) &&
      Array.isArray(value?.histogram)
      ? (value as FeatureRecord)
      : undefined;
  } catch {
    return undefined;
  }
}
