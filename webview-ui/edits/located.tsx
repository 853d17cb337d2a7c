import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { EditLocateResult } from "../../src/contract/acting";
import type { InstrumentHost } from "../kit/instrument";
import { Curve } from "../kit/curve";
import { figure, percent, signed } from "../kit/format";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { PlainBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";

/** Where the old answer is held: neurons that carry it, and layers that bring it back at the subject. */
export function Located(props: {
  host: InstrumentHost;
  result: EditLocateResult;
  layer: string;
  onLayer: (layer: string) => void;
}): VNode {
  const { host, result, onLayer } = props;
  const { neurons, layers, candidates, tokens, subject, answer, p, begins } = result;
  const most = Math.max(1e-9, ...neurons.map(({ drop }) => Math.abs(drop)));
  const x = useMemo(() => layers.map(({ layer }) => layer), [layers]);
  const series = useMemo(
    () => [{ name: t("traced"), values: layers.map(({ restored }) => restored * 100), colour: "accent" as const }],
    [layers],
  );
  const named = tokens
    .slice(subject.from, subject.to + 1)
    .map((token) => visibleToken(token))
    .join("");
  return (
    <div class="section">
      <p class="small">{t("locatedSays", { token: visibleToken(answer), p: percent(p), subject: named })}</p>
      {begins && (
        <Note icon="warning">{t("locatedBegins", { token: visibleToken(begins.token), p: percent(begins.p) })}</Note>
      )}
      <div class="columns">
        <div class="section">
          <h3>{t("locatedNeurons")}</h3>
          <table class="data compact">
            <caption class="hidden">{t("locatedNeurons")}</caption>
            <thead>
              <tr>
                <th>{t("neuron")}</th>
                <th class="number">{t("activation")}</th>
                <th class="number" title={t("contributionSays")}>
                  {t("contribution")}
                </th>
                <th class="number" title={t("dropSays")}>
                  {t("drop")}
                </th>
                <th class="barColumn" aria-hidden="true" />
              </tr>
            </thead>
            <tbody>
              {neurons.map(({ id, activation, contribution, drop }) => (
                <tr key={id}>
                  <th scope="row">
                    <button
                      type="button"
                      class="linkButton"
                      title={t("openNeuron", { id })}
                      onClick={() =>
                        quietly(
                          host,
                          host.call("openInstrument", {
                            instrument: "neuron",
                            id,
                            tokens: tokens.map((token) => token.id),
                            position: tokens.length - 1,
                            title: id,
                          }),
                        )
                      }
                    >
                      {id}
                    </button>
                  </th>
                  <td class="number">{figure(activation)}</td>
                  <td class="number">{signed(contribution)}</td>
                  <td class="number">{t("nats", { value: signed(drop) })}</td>
                  <td class="barColumn">
                    <PlainBar value={drop} most={most} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div class="section">
          <h3>{t("locatedLayers")}</h3>
          <Curve label={t("locatedLayers")} x={x} xLabel={t("layer")} yLabel="%" series={series} height={190} />
          <div class="row">
            <span class="muted small">{t("locatedTry")}</span>
            {candidates.map((layer) => (
              <button
                key={layer}
                type="button"
                class="linkButton"
                aria-pressed={props.layer === String(layer)}
                onClick={() => onLayer(String(layer))}
              >
                {`${t("siteLayer", { layer })} (${percent(layers.find((each) => each.layer === layer)?.restored ?? 0)})`}
              </button>
            ))}
          </div>
          <details>
            <summary>{t("showTable")}</summary>
            <table class="data compact">
              <tbody>
                {layers.map(({ layer, restored }) => (
                  <tr key={layer}>
                    <th scope="row">{t("siteLayer", { layer })}</th>
                    <td class="number">{percent(restored)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </div>
      </div>
      <p class="method">{t("locatedMethod")}</p>
    </div>
  );
}
