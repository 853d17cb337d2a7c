/** Lets one caller in at a time, in the order they came. */
export class Lock {
  private tail: Promise<void> = Promise.resolve();

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.tail;
    let leave = (): void => undefined;
    this.tail = new Promise<void>((resolve) => (leave = resolve));
    try {
      await before;
      signal?.throwIfAborted();
      return await work();
    } finally {
      leave();
    }
  }
}

/** Gives the event loop a turn, so that a cancel, a ping or progress gets through. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
