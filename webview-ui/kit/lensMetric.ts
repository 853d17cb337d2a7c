import type { LensCell } from "../../src/contract/verbs";
import type { Word } from "./l10n";
import { figure, percent } from "./format";
import { t } from "./l10n";

export type Metric = "probability" | "entropy" | "kl" | "target" | "rank";

export const metrics: readonly { id: Metric; name: Word; needsTarget: boolean }[] = [
  { id: "probability", name: "metricProbability", needsTarget: false },
  { id: "entropy", name: "metricEntropy", needsTarget: false },
  { id: "kl", name: "metricKl", needsTarget: false },
  { id: "target", name: "metricTarget", needsTarget: true },
  { id: "rank", name: "metricRank", needsTarget: true },
];

/** The number a metric shows of a cell: a probability, nats, or a rank (0 is likeliest). Null where there is none. */
export function valueOf(cell: LensCell, metric: Metric): number | null {
  switch (metric) {
    case "probability":
      return cell.top[0]?.p ?? null;
    case "entropy":
      return cell.entropy;
    case "kl":
      return cell.kl;
    case "target":
      return cell.rank < 0 ? null : cell.p;
    case "rank":
      return cell.rank < 0 ? null : cell.rank;
  }
}

/** The ends of a metric's scale. Entropy ends at a uniform guess over the vocabulary, KL at 10 nats. */
export function scaleOf(metric: Metric, vocabulary: number): { low: number; high: number } {
  switch (metric) {
    case "probability":
    case "target":
      return { low: 0, high: 1 };
    case "entropy":
      return { low: 0, high: Math.log(Math.max(2, vocabulary)) };
    case "kl":
      return { low: 0, high: 10 };
    case "rank":
      return { low: 0, high: Math.max(1, vocabulary - 1) };
  }
}

/** Place on the colour ramp, 0..255. Ranks run backwards and logarithmically: the best is the brightest. */
export function levelOf(value: number | null, metric: Metric, vocabulary: number): number {
  if (value === null || Number.isNaN(value)) return -1;
  const { high } = scaleOf(metric, vocabulary);
  const part = metric === "rank" ? 1 - Math.log1p(value) / Math.log1p(high) : value / high;
  return Math.round(Math.max(0, Math.min(1, part)) * 255);
}

export function formatMetric(value: number | null, metric: Metric): string {
  if (value === null) return "–";
  if (metric === "probability" || metric === "target") return percent(value);
  if (metric === "rank") return String(value + 1);
  return t("nats", { value: figure(value) });
}
