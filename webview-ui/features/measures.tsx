import type { VNode } from "preact";
import type { FeaturesMeasures } from "../../src/contract/acting";
import { count, duration, figure, percent } from "../kit/format";
import { t } from "../kit/l10n";

/** How good a dictionary is, each figure with its unit and what it was measured on. */
export function Measures(props: { measures: FeaturesMeasures; seconds?: number; overhead?: number }): VNode {
  const { measures, seconds, overhead } = props;
  const { l0, explainedVariance, ceRecovered, ce, dead, tokens } = measures;
  const facts: [string, string, string][] = [
    ["L0", figure(l0), t("l0Says")],
    [t("explainedVariance"), percent(explainedVariance), t("varianceSays")],
    [
      t("ceRecovered"),
      percent(ceRecovered),
      t("ceSays", { plain: figure(ce.plain), reconstructed: figure(ce.reconstructed), zeroed: figure(ce.zeroed) }),
    ],
    [t("deadFeatures"), count(dead), t("deadSays")],
  ];
  return (
    <div class="section" role="group" aria-label={t("measures")}>
      <div class="measureCards">
        {facts.map(([name, value, says]) => (
          <div key={name} class="measure" title={says}>
            <span class="muted small">{name}</span>
            <span class="bigFigure">{value}</span>
            <span class="muted small">{says}</span>
          </div>
        ))}
      </div>
      <p class="method">
        {t("measuredOn", { n: count(tokens) })}
        {seconds !== undefined && ` ${t("trainedIn", { time: duration(seconds * 1000) })}`}
        {overhead !== undefined && Number.isFinite(overhead) && ` ${t("trainOverhead", { value: figure(overhead) })}`}
      </p>
    </div>
  );
}
