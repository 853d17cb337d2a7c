import type { VNode } from "preact";
import type { Calibration } from "../../src/contract/plan";
import { t } from "../kit/l10n";

const size = 96;

/** How often predictions came true against how sure the world model was; the diagonal is perfect. */
export function Reliability({ calibration }: { calibration: Calibration }): VNode {
  const { samples, hits, brier, brierOfRate, bins } = calibration;
  const most = Math.max(1, ...bins.map((bin) => bin.samples));
  return (
    <figure class="reliability">
      <svg
        width={size}
        height={size}
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={t("planCalibrationSays", { samples, hits })}
      >
        <rect class="reliabilityFrame" x="0.5" y="0.5" width={size - 1} height={size - 1} />
        <line class="reliabilityDiagonal" x1="0" y1={size} x2={size} y2="0" />
        {bins.map(
          (bin) =>
            bin.samples > 0 && (
              <circle
                key={bin.from}
                class="reliabilityDot"
                cx={bin.confidence * size}
                cy={size - bin.rate * size}
                r={3 + 4 * Math.sqrt(bin.samples / most)}
              >
                <title>
                  {t("planBin", { n: bin.samples, sure: bin.confidence.toFixed(2), rate: bin.rate.toFixed(2) })}
                </title>
              </circle>
            ),
        )}
      </svg>
      <figcaption class="small">
        <strong>{t("planCalibration")}</strong>
        <br />
        {t("planCalibrationSays", { samples, hits })}
        <br />
        {t("planBrier", { brier: brier.toFixed(3), rate: brierOfRate.toFixed(3) })}
      </figcaption>
    </figure>
  );
}
