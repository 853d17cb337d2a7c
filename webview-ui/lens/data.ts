import type { LensProgress, LensResult } from "../../src/contract/instruments";
import type { SiteAt } from "../../src/contract/sites";
import type { Token } from "../../src/contract/token";
import type { LensCell } from "../../src/contract/verbs";

/** A lens as it comes in: rows in depth order, cells filled a chunk at a time. Changed in place; `version` tells. */
export class LensData {
  tokens: Token[] = [];
  rows: SiteAt[] = [];
  /** cells[row][position]; holes are not computed yet. */
  cells: (LensCell | undefined)[][] = [];
  target: Token | undefined;
  partial = true;
  version = 0;

  take({ tokens, rows, chunk }: LensProgress): void {
    if (tokens) this.tokens = tokens;
    if (rows) {
      this.rows = rows;
      this.cells = rows.map(() => []);
    }
    if (chunk) {
      const row = (this.cells[chunk.row] ??= []);
      chunk.cells.forEach((cell, i) => (row[chunk.from + i] = cell));
    }
    this.version++;
  }

  finish({ tokens, rows, cells, target, partial }: LensResult): void {
    Object.assign(this, { tokens, rows, cells, target, partial });
    this.version++;
  }

  /** Rows are shown with the last layer on top. */
  cellAt(displayRow: number, column: number): LensCell | undefined {
    return this.cells[this.rows.length - 1 - displayRow]?.[column];
  }

  siteAt(displayRow: number): SiteAt | undefined {
    return this.rows[this.rows.length - 1 - displayRow];
  }
}
