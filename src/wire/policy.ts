/** How often a process may be started again. */
export interface RestartPolicy {
  /** Restarts, and the milliseconds they are counted over. */
  restarts: number;
  within: number;
}

export const usualPolicy: RestartPolicy = { restarts: 4, within: 3 * 60_000 };

/** Counts crashes, and says when it is enough. */
export class CrashCount {
  private times: number[] = [];

  constructor(
    private readonly policy: RestartPolicy,
    private readonly now: () => number,
  ) {}

  /** Notes a crash; true when the process may be started again. */
  add(): boolean {
    const now = this.now();
    this.times = [...this.times.filter((time) => now - time < this.policy.within), now];
    return this.times.length <= this.policy.restarts;
  }

  reset(): void {
    this.times = [];
  }
}
