import type { ModelInfo } from "../../src/contract/model";
import type { Grid } from "../kit/heatmap/grid";
import type { InstrumentHost } from "../kit/instrument";
import type { Metric } from "../kit/lensMetric";
import type { Theme } from "../kit/theme";
import type { LensData } from "./data";
import { picture, pictureCells } from "../kit/heatmap/picture";
import { savePng, saveText } from "../kit/save";
import { siteName } from "../kit/sites";
import { saveTable, type Table } from "../kit/table";
import { css, ramp } from "../kit/theme";

export interface Exported {
  data: LensData;
  other: LensData | null;
  grids: { a: Grid; b: Grid | null; difference: Grid | null };
  metric: Metric;
  theme: Theme;
  model: ModelInfo | null;
}

export function exportLens(
  host: InstrumentHost,
  kind: "png" | "svg" | "csv" | "parquet" | "json",
  what: Exported,
): Promise<{ saved: boolean }> {
  const name = `lens-${what.metric}`;
  switch (kind) {
    case "csv":
    case "parquet":
      return saveTable(host, name, kind, tableOf(what));
    case "json":
      return saveText(host, `${name}.json`, jsonOf(what));
    case "svg":
      return saveText(host, `${name}.svg`, svgOf(what));
    case "png":
      return savePng(host, `${name}.png`, canvasOf(what));
  }
}

/** A line a cell: run (a or b), row, position, token, likeliest token and its probability, entropy, KL, target. */
export function tableOf({ data, other }: Pick<Exported, "data" | "other">): Table {
  const rows: Table["rows"] = [];
  const add = (run: string, lens: LensData): void => {
    lens.rows.forEach((row, r) => {
      lens.tokens.forEach((token, position) => {
        const cell = lens.cells[r]?.[position];
        if (!cell) return;
        const { top, entropy, kl, p, rank } = cell;
        const followed = rank >= 0;
        rows.push([
          run,
          row.site,
          row.layer ?? null,
          position,
          token.text,
          top[0]?.text ?? "",
          top[0]?.p ?? null,
          entropy,
          kl,
          followed ? p : null,
          followed ? rank : null,
        ]);
      });
    });
  };
  add("a", data);
  if (other) add("b", other);
  return {
    columns: [
      "run",
      "site",
      "layer",
      "position",
      "token",
      "top",
      "top_p",
      "entropy_nats",
      "kl_nats",
      "target_p",
      "target_rank",
    ],
    tokens: ["token", "top"],
    rows,
  };
}

function jsonOf({ data, other, model }: Exported): string {
  const plain = (lens: LensData): object => ({
    tokens: lens.tokens,
    rows: lens.rows,
    cells: lens.cells,
    target: lens.target,
    partial: lens.partial,
  });
  const about = model && { name: model.name, fingerprint: model.fingerprint, quantisation: model.quantisation };
  return `${JSON.stringify({ instrument: "lens", model: about, a: plain(data), ...(other && { b: plain(other) }) })}\n`;
}

/** Maps one under the other. */
function maps({ grids }: Exported): Grid[] {
  return [grids.a, grids.b, grids.difference].filter((grid) => grid !== null);
}

const gutter = 62;
const header = 20;

export function canvasOf(what: Exported): HTMLCanvasElement {
  return picture(maps(what), what.theme);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Rectangles and texts, so that a figure can be edited. */
export function svgOf(what: Exported): string {
  const { theme } = what;
  const all = maps(what);
  const columns = Math.max(...all.map((grid) => grid.columns));
  const size = pictureCells(columns);
  const parts: string[] = [];
  let top = 0;
  for (const grid of all) {
    const { colours, texts } = ramp(theme, grid.kind);
    const named = size.width >= 30;
    for (let column = 0; column < grid.columns && named; column++) {
      const x = gutter + column * size.width + 3;
      parts.push(
        `<text x="${x}" y="${top + 13}" fill="${css(theme.foreground)}">${escapeXml(grid.columnLabel(column).slice(0, 10))}</text>`,
      );
    }
    for (let row = 0; row < grid.rows; row++) {
      const y = top + header + row * size.height;
      parts.push(
        `<text x="${gutter - 6}" y="${y + size.height - 5}" text-anchor="end" fill="${css(theme.foreground)}">${escapeXml(grid.rowLabel(row))}</text>`,
      );
      for (let column = 0; column < grid.columns; column++) {
        const level = grid.levels[row * grid.columns + column]!;
        if (level < 0) continue;
        const x = gutter + column * size.width;
        parts.push(
          `<rect x="${x}" y="${y}" width="${size.width - 1}" height="${size.height - 1}" fill="${css(colours[level]!)}"/>`,
        );
        if (named)
          parts.push(
            `<text x="${x + 3}" y="${y + size.height - 5}" fill="${texts[level]!}">${escapeXml(grid.text(row, column).slice(0, 10))}</text>`,
          );
      }
    }
    top += header + grid.rows * size.height + 12;
  }
  const width = gutter + columns * size.width;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" font-family="monospace" font-size="11">` +
    `<title>${escapeXml(siteName(what.data.rows.at(-1)))} lens</title>` +
    `<rect width="100%" height="100%" fill="${css(theme.background)}"/>${parts.join("")}</svg>\n`
  );
}
