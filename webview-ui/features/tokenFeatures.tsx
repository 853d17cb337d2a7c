import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { FeaturesOfTokenResult } from "../../src/contract/acting";
import { figure } from "../kit/format";
import { t } from "../kit/l10n";
import { PlainBar } from "../kit/signedBar";
import { TokenStrip } from "../kit/tokenStrip";
import { visibleToken } from "../kit/visible";

/** The features a prompt's tokens use: those of one token, and where one of them is active along the prompt. */
export function TokenFeatures(props: {
  result: FeaturesOfTokenResult;
  position: number;
  onPosition: (position: number) => void;
  onFeature: (feature: number) => void;
}): VNode {
  const { result, onPosition, onFeature } = props;
  const [followed, setFollowed] = useState<number | null>(null);
  const last = result.tokens.length - 1;
  const position = props.position < 0 ? Math.max(0, last + 1 + props.position) : Math.min(last, props.position);
  const features = result.positions.find((each) => each.position === position)?.features ?? [];
  const most = Math.max(1e-9, ...features.map(({ activation }) => activation));
  const along = result.tokens.map(
    (_, at) =>
      result.positions.find((each) => each.position === at)?.features.find(({ feature }) => feature === followed)
        ?.activation ?? 0,
  );
  const highest = Math.max(1e-9, ...along);
  return (
    <div class="section">
      <TokenStrip
        tokens={result.tokens}
        chosen={position}
        label={t("choosePosition")}
        onChoose={onPosition}
        {...(followed !== null && {
          tint: along.map((value) => value / highest),
          titles: result.tokens.map((token, i) => `${visibleToken(token)}: ${figure(along[i] ?? 0)}`),
        })}
      />
      {features.length === 0 ? (
        <p class="muted">{t("featNoneHere")}</p>
      ) : (
        <div class="tableBox">
          <table class="data">
            <caption class="hidden">{t("featOfToken", { token: visibleToken(result.tokens[position]!) })}</caption>
            <thead>
              <tr>
                <th>{t("feature")}</th>
                <th>{t("label")}</th>
                <th class="number">{t("activation")}</th>
                <th class="barColumn" aria-hidden="true" />
                <th>
                  <span class="hidden">{t("featFollow")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {features.map(({ feature, activation, label }) => (
                <tr key={feature} class={feature === followed ? "selected" : ""}>
                  <th scope="row">
                    <button
                      type="button"
                      class="linkButton"
                      title={t("featOpen", { n: String(feature) })}
                      onClick={() => onFeature(feature)}
                    >
                      {feature}
                    </button>
                  </th>
                  <td class="wrapCell">{label || <span class="muted">{t("featNoLabel")}</span>}</td>
                  <td class="number">{figure(activation)}</td>
                  <td class="barColumn">
                    <PlainBar value={activation} most={most} />
                  </td>
                  <td>
                    <button
                      type="button"
                      class="linkButton"
                      aria-pressed={feature === followed}
                      title={t("featFollowSays")}
                      onClick={() => setFollowed(feature === followed ? null : feature)}
                    >
                      {t("featFollow")}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="method">{t("featTokenMethod")}</p>
    </div>
  );
}
