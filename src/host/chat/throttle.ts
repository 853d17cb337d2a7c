/** Runs `act` at once, then again at most every `interval()` milliseconds; the last request is never lost. */
export class Throttle {
  private timer: NodeJS.Timeout | undefined;
  private again = false;

  constructor(
    private readonly act: () => void,
    private readonly interval: () => number,
  ) {}

  request(): void {
    if (this.timer) {
      this.again = true;
      return;
    }
    this.act();
    this.wait();
  }

  /** Forgets a request that is waiting. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.again = false;
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!this.again) return;
      this.again = false;
      this.act();
      this.wait();
    }, this.interval());
  }
}
