import type { PatchResult } from "../../src/contract/acting";
import type { Grid } from "../kit/heatmap/grid";
import { visibleToken } from "../kit/visible";

/** A row's short name. */
export function rowName({ layer, head }: { layer: number; head?: number }): string {
  return head === undefined ? `L${layer}` : `L${layer}.H${head}`;
}

/** Share restored at a place of the drawn map (the last layer on top); null where nothing was run. */
export function restoredAt(result: PatchResult, row: number, column: number): number | null {
  const value = result.restored[result.rows.length - 1 - row]?.[column];
  return value === undefined || value === null || !Number.isFinite(value) ? null : value;
}

/** What came back, from -1 (warm) over 0 to 1 (accent); beyond that the colour stays. */
export function restoredGrid(result: PatchResult): Grid {
  const rows = result.rows.length;
  const columns = result.positions.length;
  const levels = new Int16Array(rows * columns).fill(-1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = restoredAt(result, row, column);
      if (value === null) continue;
      levels[row * columns + column] = Math.round(127.5 + 127.5 * Math.max(-1, Math.min(1, value)));
    }
  }
  return {
    rows,
    columns,
    levels,
    version: 0,
    kind: "two",
    text: (row, column) => {
      const value = restoredAt(result, row, column);
      return value === null ? "" : String(Math.round(value * 100)).replace("-", "−");
    },
    rowLabel: (row) => rowName(result.rows[rows - 1 - row]!),
    columnLabel: (column) => tokenAt(result, column),
  };
}

/** The token of a column: the clean one, and the corrupt one where it differs. */
export function tokenAt(result: PatchResult, column: number): string {
  const at = result.positions[column] ?? 0;
  const clean = result.tokens.clean[at];
  const corrupt = result.tokens.corrupt[at];
  const name = visibleToken(clean ?? { text: "" });
  return corrupt && clean && corrupt.id !== clean.id ? `${name}/${visibleToken(corrupt)}` : name;
}

/** The places where most came back. */
export function strongest(result: PatchResult, count: number): { row: number; column: number; value: number }[] {
  const all = result.rows.flatMap((_, row) =>
    result.positions.flatMap((_, column) => {
      const value = restoredAt(result, row, column);
      return value === null ? [] : [{ row, column, value }];
    }),
  );
  return all.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, count);
}
