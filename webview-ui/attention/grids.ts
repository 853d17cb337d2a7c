import type { Token } from "../../src/contract/token";
import type { Grid } from "../kit/heatmap/grid";
import { visibleToken } from "../kit/visible";

/** Weights with the first token left out: what is not spent on the sink, spread to 1 again. Rows that spend all there stay empty. */
export function withoutSink(pattern: number[][]): number[][] {
  return pattern.map((row) => {
    const rest = 1 - (row[0] ?? 0);
    return row.map((weight, key) => (key === 0 || rest <= 1e-6 ? 0 : weight / rest));
  });
}

/** A pattern as a grid: a row a query (the first on top), a column a key. Brightness is the square root of the weight. */
export function patternGrid(pattern: number[][], tokens: readonly Token[]): Grid {
  const n = tokens.length;
  const levels = new Int16Array(n * n).fill(-1);
  pattern.forEach((row, query) => {
    for (let key = 0; key <= query && key < n; key++) {
      // Small weights matter too: a linear scale would show the sink alone.
      levels[query * n + key] = Math.round(Math.sqrt(Math.max(0, Math.min(1, row[key] ?? 0))) * 255);
    }
  });
  const name = (index: number): string => visibleToken(tokens[index] ?? { text: "" });
  return {
    rows: n,
    columns: n,
    levels,
    version: 0,
    kind: "one",
    // Whole percents: a cell has no room for more, and the table beside it has.
    text: (query, key) => (key <= query ? String(Math.round((pattern[query]?.[key] ?? 0) * 100)) : ""),
    rowLabel: name,
    columnLabel: name,
  };
}
