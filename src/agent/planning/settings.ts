import { defaultPlanSettings, type PlanOptions, type PlanSettings } from "../../contract/plan";

const whole = (value: number | undefined, usual: number, low: number, high: number): number =>
  value === undefined || !Number.isFinite(value) ? usual : Math.max(low, Math.min(high, Math.round(value)));

/** Settings with everything absent filled in and everything else within what a search can bear. */
export function planSettings(options: PlanOptions = {}): PlanSettings {
  const usual = defaultPlanSettings;
  const { limits = {} } = options;
  return {
    limits: {
      nodes: whole(limits.nodes, usual.limits.nodes, 1, 5_000),
      depth: whole(limits.depth, usual.limits.depth, 1, 64),
      tokens: whole(limits.tokens, usual.limits.tokens, 1, 1e9),
      ms: whole(limits.ms, usual.limits.ms, 1, 24 * 3_600_000),
    },
    alternatives: whole(options.alternatives, usual.alternatives, 1, 8),
    samples: whole(options.samples, usual.samples, 1, 16),
    horizon: whole(options.horizon, usual.horizon, 1, 8),
    lookahead: whole(options.lookahead, usual.lookahead, 1, 5_000),
    prune: Math.max(0, Math.min(1, options.prune ?? usual.prune)),
    tryReversible: options.tryReversible ?? usual.tryReversible,
    reasons: options.reasons ?? usual.reasons,
  };
}
