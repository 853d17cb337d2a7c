/** Lets one caller in at a time, in the order they came. */
export class Lock {
  private tail: Promise<void> = Promise.resolve();
  private inside = 0;

  /** Somebody is inside or waits. */
  get busy(): boolean {
    return this.inside > 0;
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.tail;
    this.inside++;
    let leave = (): void => undefined;
    this.tail = new Promise<void>((resolve) => (leave = resolve));
    try {
      await before;
      signal?.throwIfAborted();
      return await work();
    } finally {
      this.inside--;
      leave();
    }
  }
}

/** Gives the event loop a turn, so that a cancel, a ping or progress gets through. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
