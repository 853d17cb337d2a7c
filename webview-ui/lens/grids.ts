import type { Grid } from "../kit/heatmap/grid";
import type { Metric } from "../kit/lensMetric";
import type { LensData } from "./data";
import { signed } from "../kit/format";
import { levelOf, scaleOf, valueOf } from "../kit/lensMetric";
import { siteName } from "../kit/sites";
import { cellText, visibleToken } from "../kit/visible";

/** A lens as a grid of colours and texts. */
export function lensGrid(data: LensData, metric: Metric, vocabulary: number): Grid {
  const rows = data.rows.length;
  const columns = data.tokens.length;
  const levels = new Int16Array(rows * columns).fill(-1);
  for (let row = 0; row < rows; row++) {
    const cells = data.cells[rows - 1 - row] ?? [];
    for (let column = 0; column < columns; column++) {
      const cell = cells[column];
      if (cell) levels[row * columns + column] = levelOf(valueOf(cell, metric), metric, vocabulary);
    }
  }
  return {
    rows,
    columns,
    levels,
    version: data.version,
    kind: "one",
    text: (row, column) => cellText(data.cellAt(row, column)?.top[0]?.text ?? ""),
    rowLabel: (row) => siteName(data.siteAt(row)),
    columnLabel: (column) => visibleToken(data.tokens[column] ?? { text: "" }),
  };
}

export type Align = "start" | "end";

/** Columns of `b` before (negative) or after `a`'s that stand for the same place. */
export function shiftOf(a: LensData, b: LensData, align: Align): number {
  return align === "start" ? 0 : b.tokens.length - a.tokens.length;
}

/** b minus a of one metric, in its own unit; ranks as a difference of logarithms. Null where either is missing. */
export function difference(
  a: LensData,
  b: LensData,
  metric: Metric,
  align: Align,
  row: number,
  column: number,
): number | null {
  const one = a.cellAt(row, column);
  const two = b.cellAt(row, column + shiftOf(a, b, align));
  if (!one || !two) return null;
  const from = valueOf(one, metric);
  const to = valueOf(two, metric);
  if (from === null || to === null) return null;
  return metric === "rank" ? Math.log1p(from) - Math.log1p(to) : to - from;
}

/** Where b is above a in the accent colour, below in the warm one. */
export function differenceGrid(a: LensData, b: LensData, metric: Metric, vocabulary: number, align: Align): Grid {
  const rows = Math.min(a.rows.length, b.rows.length);
  const columns = a.tokens.length;
  const { high } = scaleOf(metric, vocabulary);
  const most = metric === "rank" ? Math.log1p(high) : high;
  const levels = new Int16Array(rows * columns).fill(-1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = difference(a, b, metric, align, row, column);
      if (value === null) continue;
      levels[row * columns + column] = Math.round(127.5 + 127.5 * Math.max(-1, Math.min(1, value / most)));
    }
  }
  return {
    rows,
    columns,
    levels,
    version: a.version + b.version,
    kind: "two",
    text: (row, column) => {
      const value = difference(a, b, metric, align, row, column);
      return value === null ? "" : formatDifference(value, metric);
    },
    rowLabel: (row) => siteName(a.siteAt(row)),
    columnLabel: (column) => visibleToken(a.tokens[column] ?? { text: "" }),
  };
}

export function formatDifference(value: number, metric: Metric): string {
  if (metric === "probability" || metric === "target") return `${signed(value * 100, 2)} %`;
  return signed(value, 2);
}
