import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** One measured figure. A ratio compares two things measured in the same run, one after the other, round by round. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What it should reach, and which way. */
  target?: { value: number; atLeast: boolean };
  note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What one round took, by the clock and by the processor (all threads of this process), in milliseconds. */
export interface Spent {
  wall: number;
  cpu: number;
}

/** Measures a piece of work, divided by how many things it did. */
export async function measure(work: () => Promise<number>): Promise<Spent> {
  const before = process.cpuUsage();
  const begun = performance.now();
  const count = Math.max(1, await work());
  const wall = (performance.now() - begun) / count;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 / count };
}

/** Runs two pieces of work in turns, the order changing each round, so that whatever else the machine does hits both. */
export async function inTurns(
  rounds: number,
  first: () => Promise<number>,
  second: () => Promise<number>,
): Promise<{ first: Spent[]; second: Spent[] }> {
  const result = { first: [] as Spent[], second: [] as Spent[] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (["first", "second"] as const) : (["second", "first"] as const);
    for (const name of order) result[name].push(await measure(name === "first" ? first : second));
  }
  return result;
}

/** How many times as long the second took as the first, by the clock and by the processor. */
export function ratios({ first, second }: { first: Spent[]; second: Spent[] }): Spent {
  const of = (key: keyof Spent): number => median(second.map((each, index) => each[key] / first[index]![key]));
  return { wall: of("wall"), cpu: of("cpu") };
}

/** Prints the figures as a table and writes them as JSON to bench/results. */
export function report(bench: string, figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, unit, target, note }) => [
    name,
    `${format(value)} ${unit}`.trim(),
    target ? `${target.atLeast ? ">=" : "<="} ${target.value}` : "",
    target ? (reached(value, target) ? "reached" : "MISSED") : "",
    note ?? "",
  ]);
  const header = ["figure", "measured", "target", "", "note"];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  for (const row of [header, ...rows]) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
  }
  const folder = path.resolve("bench", "results");
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpu: os.cpus()[0]?.model ?? "?",
    cores: os.availableParallelism(),
    node: process.version,
    load: os.loadavg()[0],
  };
  writeFileSync(
    path.join(folder, `${bench}.json`),
    `${JSON.stringify({ bench, at: new Date().toISOString(), machine, figures }, null, 2)}\n`,
  );
}

function reached(value: number, target: { value: number; atLeast: boolean }): boolean {
  return target.atLeast ? value >= target.value : value <= target.value;
}

function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3);
}
