/** Anything that can be undone. VS Code's own `Disposable` has this shape. */
export interface Disposable {
  dispose(): unknown;
}

/** Holds what must be undone together; undoes it in reverse order, and goes on when one of them throws. */
export class Store implements Disposable {
  private readonly held: Disposable[] = [];
  private closed = false;

  add<T extends Disposable>(item: T): T {
    if (this.closed) item.dispose();
    else this.held.push(item);
    return item;
  }

  dispose(): void {
    this.closed = true;
    const failures: unknown[] = [];
    for (const item of this.held.splice(0).reverse()) {
      try {
        item.dispose();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "Some parts did not stop cleanly.");
  }
}
