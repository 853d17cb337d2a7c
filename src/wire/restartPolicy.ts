/** How often a child may crash before it is given up. Times in milliseconds. */
export interface RestartPolicy {
  restarts: number;
  within: number;
}

/** Four restarts; the fifth crash within three minutes is the last. */
export const defaultPolicy: RestartPolicy = { restarts: 4, within: 3 * 60_000 };

/** Crashes that still count at `now`, the newest included. */
export function recentCrashes(crashes: readonly number[], now: number, policy: RestartPolicy): number[] {
  return crashes.filter((time) => now - time < policy.within);
}

export function mayRestart(crashes: readonly number[], now: number, policy: RestartPolicy): boolean {
  return recentCrashes(crashes, now, policy).length <= policy.restarts;
}
