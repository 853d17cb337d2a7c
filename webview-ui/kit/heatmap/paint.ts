import type { Theme } from "../theme";
import type { Cell, CellSize, Grid, Viewport } from "./grid";
import { css, mix, ramp } from "../theme";
import { cellBox, visibleCells } from "./grid";

/** Colours of a grid as one small picture, a pixel a cell: panning is then one scaled copy of what is in view. */
export class GridPicture {
  private readonly canvas = document.createElement("canvas");
  private drawn: { grid: Grid; version: number; theme: Theme } | null = null;
  texts: string[] = [];

  update(grid: Grid, theme: Theme): HTMLCanvasElement {
    const { drawn } = this;
    if (drawn?.grid === grid && drawn.version === grid.version && drawn.theme === theme) return this.canvas;
    const { colours, texts } = ramp(theme, grid.kind);
    this.texts = texts;
    const table = new Uint32Array(colours.map(([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0));
    const [r, g, b] = mix(theme.background, theme.foreground, theme.contrast ? 0.3 : 0.12);
    const toCome = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    const width = Math.max(1, grid.columns);
    const height = Math.max(1, grid.rows);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const context = this.canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < grid.levels.length; i++) {
      const level = grid.levels[i]!;
      if (level >= 0) pixels[i] = table[level]!;
      // Every other cell, as a chequer: no level of the ramp looks like it.
      else if (level === -2 && (Math.floor(i / width) + (i % width)) % 2 === 0) pixels[i] = toCome;
    }
    context.putImageData(image, 0, 0);
    this.drawn = { grid, version: grid.version, theme };
    return this.canvas;
  }
}

/** Smallest cell in which a token's text is drawn, CSS pixels. */
export const textFrom: CellSize = { width: 30, height: 13 };

/** Code points of `text` that fit `width` at `unit` pixels each; wide scripts count double. */
function clip(text: string, width: number, unit: number): string {
  let used = 0;
  let shown = "";
  for (const character of text) {
    used += (character.codePointAt(0)! > 0x2e7f ? 1.8 : 1) * unit;
    if (used > width) return shown.length > 1 ? `${shown.slice(0, -1)}…` : shown;
    shown += character;
  }
  return shown;
}

export interface Scene {
  grid: Grid;
  size: CellSize;
  view: Viewport;
  theme: Theme;
  selected: Cell | null;
  hovered: Cell | null;
  /** A whole column that matters (the position asked about). */
  column: number | null;
}

/** Draws the visible cells, their texts where there is room, the labels and the marks. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, picture: GridPicture): void {
  const { grid, size, view, theme } = scene;
  const image = picture.update(grid, theme);
  const { row0, row1, column0, column1 } = visibleCells(grid, size, view);
  const ground = css(theme.background);
  context.fillStyle = ground;
  context.fillRect(0, 0, view.width, view.height);
  if (grid.rows > 0 && grid.columns > 0 && row1 > row0 && column1 > column0) {
    const start = cellBox(size, view, { row: row0, column: column0 });
    const width = (column1 - column0) * size.width;
    const height = (row1 - row0) * size.height;
    context.save();
    context.beginPath();
    context.rect(view.gutter, view.header, view.width - view.gutter, view.height - view.header);
    context.clip();
    context.imageSmoothingEnabled = false;
    context.drawImage(image, column0, row0, column1 - column0, row1 - row0, start.x, start.y, width, height);
    if (size.width >= 9 && size.height >= 9) lines(context, scene, row0, row1, column0, column1);
    if (size.width >= textFrom.width && size.height >= textFrom.height) {
      texts(context, scene, picture, row0, row1, column0, column1);
    }
    marks(context, scene);
    context.restore();
  }
  labels(context, scene, row0, row1, column0, column1);
}

function lines(
  context: CanvasRenderingContext2D,
  scene: Scene,
  row0: number,
  row1: number,
  column0: number,
  column1: number,
): void {
  const { size, view, theme } = scene;
  context.fillStyle = css(theme.background);
  const bottom = view.header + row1 * size.height - view.top;
  const right = view.gutter + column1 * size.width - view.left;
  for (let column = column0; column <= column1; column++) {
    context.fillRect(view.gutter + column * size.width - view.left - 1, view.header, 1, bottom - view.header);
  }
  for (let row = row0; row <= row1; row++) {
    context.fillRect(view.gutter, view.header + row * size.height - view.top - 1, right - view.gutter, 1);
  }
}

function texts(
  context: CanvasRenderingContext2D,
  scene: Scene,
  picture: GridPicture,
  row0: number,
  row1: number,
  column0: number,
  column1: number,
): void {
  const { grid, size, view, theme } = scene;
  const points = Math.min(12, size.height - 3);
  context.font = `${points}px ${theme.mono}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const unit = context.measureText("m").width;
  for (let row = row0; row < row1; row++) {
    const y = view.header + row * size.height - view.top + size.height / 2;
    for (let column = column0; column < column1; column++) {
      const level = grid.levels[row * grid.columns + column]!;
      if (level < 0) continue;
      const text = clip(grid.text(row, column), size.width - 7, unit);
      context.fillStyle = picture.texts[level]!;
      context.fillText(text, view.gutter + column * size.width - view.left + 3, y);
    }
  }
}

function marks(context: CanvasRenderingContext2D, scene: Scene): void {
  const { grid, size, view, theme, selected, hovered, column } = scene;
  const outline = (cell: Cell, colour: string, thick: number): void => {
    const { x, y } = cellBox(size, view, cell);
    context.lineWidth = thick;
    context.strokeStyle = colour;
    context.strokeRect(x - 0.5, y - 0.5, Math.max(size.width, 4), Math.max(size.height, 4));
  };
  if (column !== null) {
    const { x } = cellBox(size, view, { row: 0, column });
    context.lineWidth = 1;
    context.strokeStyle = css(theme.foreground, 0.7);
    context.strokeRect(x - 0.5, view.header - view.top - 0.5, size.width, grid.rows * size.height);
  }
  if (hovered) outline(hovered, css(theme.foreground, 0.6), 1);
  if (selected) outline(selected, css(theme.contrast ? theme.foreground : theme.warm), 2);
}

function labels(
  context: CanvasRenderingContext2D,
  scene: Scene,
  row0: number,
  row1: number,
  column0: number,
  column1: number,
): void {
  const { grid, size, view, theme, selected, hovered } = scene;
  const active = hovered ?? selected;
  const quiet = css(theme.contrast ? theme.foreground : theme.muted);
  const strong = css(theme.foreground);
  context.textBaseline = "middle";
  context.fillStyle = css(theme.background);
  context.fillRect(0, 0, view.width, view.header);
  context.fillRect(0, 0, view.gutter, view.height);
  if (view.gutter > 0) {
    context.font = `11px ${theme.font}`;
    context.textAlign = "right";
    const every = Math.max(1, Math.ceil(13 / size.height));
    context.save();
    context.beginPath();
    context.rect(0, view.header, view.gutter, view.height - view.header);
    context.clip();
    for (let row = row0; row < row1; row++) {
      // The last row is the model's own output: it is always named.
      if (row % every !== 0 && row !== active?.row) continue;
      if (active && row !== active.row && Math.abs(row - active.row) < every) continue;
      context.fillStyle = row === active?.row ? strong : quiet;
      context.fillText(
        grid.rowLabel(row),
        view.gutter - 6,
        view.header + row * size.height - view.top + size.height / 2,
      );
    }
    context.restore();
  }
  if (view.header > 0) {
    context.save();
    context.beginPath();
    context.rect(view.gutter, 0, view.width - view.gutter, view.header);
    context.clip();
    context.textAlign = "left";
    const named = size.width >= textFrom.width;
    context.font = named ? `12px ${theme.mono}` : `10px ${theme.font}`;
    const unit = context.measureText("m").width;
    const every = named ? 1 : Math.max(1, Math.ceil(28 / size.width));
    for (let column = column0; column < column1; column++) {
      if (column % every !== 0) continue;
      const x = view.gutter + column * size.width - view.left;
      context.fillStyle = column === active?.column ? strong : quiet;
      const text = named ? clip(grid.columnLabel(column), size.width - 5, unit) : String(column);
      context.fillText(text, x + (named ? 3 : 1), view.header / 2 + 1);
    }
    if (grid.marked) {
      context.fillStyle = css(theme.warm);
      for (let column = column0; column < column1; column++)
        if (grid.marked(column))
          context.fillRect(view.gutter + column * size.width - view.left, view.header - 3, size.width, 2);
    }
    context.restore();
  }
  context.fillStyle = css(mix(theme.background, theme.foreground, 0.18));
  if (view.gutter > 0)
    context.fillRect(
      view.gutter - 2,
      view.header,
      1,
      Math.min(view.height, view.header + grid.rows * size.height - view.top) - view.header,
    );
}
