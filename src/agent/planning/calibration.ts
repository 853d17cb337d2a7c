import type { Calibration, CalibrationSample } from "../../contract/plan";

/**
 * How well the world model's confidence matches what came: Brier's score (1950) and a reliability diagram in equal bins.
 * No samples give zeroes.
 */
export function calibrationOf(samples: readonly CalibrationSample[], bins = 5): Calibration {
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const outcome = ({ hit }: CalibrationSample): number => (hit ? 1 : 0);
  const rate = mean(samples.map(outcome));
  const at = ({ confidence }: CalibrationSample): number => Math.min(bins - 1, Math.floor(confidence * bins));
  return {
    samples: samples.length,
    hits: samples.filter(({ hit }) => hit).length,
    brier: mean(samples.map((sample) => (sample.confidence - outcome(sample)) ** 2)),
    brierOfRate: rate * (1 - rate),
    bins: Array.from({ length: bins }, (_, bin) => {
      const own = samples.filter((sample) => at(sample) === bin);
      return {
        from: bin / bins,
        to: (bin + 1) / bins,
        samples: own.length,
        confidence: mean(own.map(({ confidence }) => confidence)),
        rate: mean(own.map(outcome)),
      };
    }),
  };
}

/** The rate of hits, with one hit and one miss added to what was seen (Laplace): 0.5 before anything is known. */
export function hitRate(samples: readonly CalibrationSample[]): number {
  return (samples.filter(({ hit }) => hit).length + 1) / (samples.length + 2);
}

/** A world model that was mostly wrong lately is not worth imagining further ahead with. */
export function trustworthy(samples: readonly CalibrationSample[]): boolean {
  const late = samples.slice(-6);
  return late.length < 3 || late.filter(({ hit }) => hit).length / late.length >= 0.34;
}
