/** What a heatmap draws. Row 0 is the top line; a grid is changed in place and drawn again when `version` changes. */
export interface Grid {
  rows: number;
  columns: number;
  /** Row-major, 0..255 along the colour ramp; -1 where nothing is known, -2 where it is still to come. */
  levels: Int16Array;
  version: number;
  /** `two`: 128 is zero, below it the warm colour, above it the accent. */
  kind: "one" | "two";
  text(row: number, column: number): string;
  rowLabel(row: number): string;
  columnLabel(column: number): string;
  /** Columns with a band under their label: those of another kind than the rest. */
  marked?(column: number): boolean;
}

export interface Cell {
  row: number;
  column: number;
}

export interface CellSize {
  width: number;
  height: number;
}

/** The part of the grid that a window of `width` x `height` CSS pixels shows when it is scrolled by `left`, `top`. */
export interface Viewport {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Pixels of the row labels and of the column labels. */
  gutter: number;
  header: number;
}

export function visibleCells(
  grid: Grid,
  size: CellSize,
  view: Viewport,
): { row0: number; row1: number; column0: number; column1: number } {
  return {
    row0: Math.max(0, Math.floor(view.top / size.height)),
    row1: Math.min(grid.rows, Math.ceil((view.top + view.height - view.header) / size.height)),
    column0: Math.max(0, Math.floor(view.left / size.width)),
    column1: Math.min(grid.columns, Math.ceil((view.left + view.width - view.gutter) / size.width)),
  };
}

/** The cell under a point of the window, or null over the labels and past the edges. */
export function cellAt(grid: Grid, size: CellSize, view: Viewport, x: number, y: number): Cell | null {
  if (x < view.gutter || y < view.header) return null;
  const column = Math.floor((x - view.gutter + view.left) / size.width);
  const row = Math.floor((y - view.header + view.top) / size.height);
  return row < grid.rows && column < grid.columns ? { row, column } : null;
}

/** Where a cell lies in the window. */
export function cellBox(size: CellSize, view: Viewport, cell: Cell): { x: number; y: number } {
  return { x: view.gutter + cell.column * size.width - view.left, y: view.header + cell.row * size.height - view.top };
}
