import type { Theme } from "../theme";
import type { CellSize, Grid } from "./grid";
import { css } from "../theme";
import { GridPicture, paint } from "./paint";

const gutter = 62;
const header = 20;
/** Longest side of a picture that every program opens. */
const longest = 16_000;

export function pictureCells(columns: number): CellSize {
  const width = Math.max(1, Math.min(78, Math.floor((longest - gutter) / Math.max(1, columns))));
  return { width, height: width >= 30 ? 18 : Math.max(6, width) };
}

/** Whole grids, one under the other, as a picture to save. */
export function picture(all: readonly Grid[], theme: Theme): HTMLCanvasElement {
  const columns = Math.max(...all.map((grid) => grid.columns));
  const size = pictureCells(columns);
  const heights = all.map((grid) => header + grid.rows * size.height + 12);
  const canvas = document.createElement("canvas");
  canvas.width = gutter + columns * size.width;
  canvas.height = heights.reduce((sum, height) => sum + height, 0);
  const context = canvas.getContext("2d")!;
  context.fillStyle = css(theme.background);
  context.fillRect(0, 0, canvas.width, canvas.height);
  let top = 0;
  all.forEach((grid, i) => {
    context.setTransform(1, 0, 0, 1, 0, top);
    const view = { left: 0, top: 0, width: canvas.width, height: heights[i]! - 12, gutter, header };
    paint(context, { grid, size, view, theme, selected: null, hovered: null, column: null }, new GridPicture());
    top += heights[i]!;
  });
  return canvas;
}
