import type { LensPiece, TokenLens } from "../../contract/verbs";

/** The lens of one answer: its tokens as they come, their cells as they follow. */
export class GrowingLens {
  readonly tokens: TokenLens[] = [];
  /** Where the token of an event's index is: tokens that were decided before have no lens. */
  private readonly places = new Map<number, number>();

  add(index: number, lens: TokenLens): void {
    this.places.set(index, this.tokens.length);
    this.tokens.push(lens);
  }

  /** Snapshots given before stay as they were: a token that gets cells is replaced. */
  fill(pieces: readonly LensPiece[]): void {
    for (const { index, rows, cells } of pieces) {
      const at = this.places.get(index);
      const before = at === undefined ? undefined : this.tokens[at];
      if (at === undefined || !before) continue;
      const filled = [...before.cells];
      rows.forEach((row, k) => (filled[row] = cells[k] ?? null));
      this.tokens[at] = { ...before, cells: filled };
    }
  }
}
