import type { VNode } from "preact";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { BlockEffect, LayersResult, Promoted } from "../../src/contract/instruments";
import { Chips } from "../kit/chips";
import { Distribution } from "../kit/distribution";
import { figure, signed } from "../kit/format";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { PlainBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";

interface Line {
  key: string;
  name: string;
  effect: BlockEffect;
}

/** A line a block in the order of the run; a line opens to the two distributions and all tokens that moved. */
export function Blocks({ result }: { result: LayersResult }): VNode {
  const [open, setOpen] = useState<string | null>(null);
  const lines = result.layers.flatMap(({ layer, attn, mlp, whole }): Line[] =>
    attn || mlp
      ? [
          ...(attn ? [{ key: `${layer}a`, name: t("blockAttn", { layer }), effect: attn }] : []),
          ...(mlp ? [{ key: `${layer}m`, name: t("blockMlp", { layer }), effect: mlp }] : []),
        ]
      : whole
        ? [{ key: `${layer}`, name: t("siteLayer", { layer }), effect: whole }]
        : [],
  );
  const most = Math.max(1e-9, ...lines.map(({ effect }) => effect.kl));
  return (
    <div class="section grow">
      <table class="data blocks">
        <caption class="hidden">{t("layersTitle")}</caption>
        <thead>
          <tr>
            <th>{t("block")}</th>
            <th class="number">{t("klNats")}</th>
            <th class="barColumn" />
            <th>{t("promoted")}</th>
            <th>{t("suppressed")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, name, effect }) => (
            <Fragment key={key}>
              <tr class={open === key ? "open" : ""}>
                <th scope="row">
                  <button
                    type="button"
                    class="rowButton"
                    aria-expanded={open === key}
                    onClick={() => setOpen(open === key ? null : key)}
                  >
                    <Icon name={open === key ? "chevron-down" : "chevron-right"} />
                    {name}
                  </button>
                </th>
                <td class="number">{figure(effect.kl)}</td>
                <td class="barColumn">
                  <PlainBar value={effect.kl} most={most} />
                </td>
                <td>
                  <Chips tokens={effect.promoted} kind="up" title={(i) => moved(effect.promoted[i]!)} />
                </td>
                <td>
                  <Chips tokens={effect.suppressed} kind="down" title={(i) => moved(effect.suppressed[i]!)} />
                </td>
              </tr>
              {open === key && (
                <tr class="opened">
                  <td colSpan={5}>
                    <Effect effect={effect} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      <p class="method">{t("layersMethod")}</p>
    </div>
  );
}

function moved({ text, delta, logitDelta }: Promoted): string {
  return t("movedTitle", { token: visibleToken({ text }), delta: signed(delta), logit: signed(logitDelta) });
}

function Effect({ effect }: { effect: BlockEffect }): VNode {
  return (
    <div class="effect">
      <div>
        <h3>{t("before")}</h3>
        <Distribution bars={effect.before} />
      </div>
      <div>
        <h3>{t("after")}</h3>
        <Distribution bars={effect.after} />
      </div>
      <Moved title={t("promoted")} list={effect.promoted} />
      <Moved title={t("suppressed")} list={effect.suppressed} />
    </div>
  );
}

function Moved({ title, list }: { title: string; list: Promoted[] }): VNode {
  return (
    <div>
      <h3>{title}</h3>
      <table class="data compact">
        <thead>
          <tr>
            <th>{t("token")}</th>
            <th class="number">{t("logProbChange")}</th>
            <th class="number">{t("logitChange")}</th>
          </tr>
        </thead>
        <tbody>
          {list.map((each) => (
            <tr key={each.id}>
              <td class="mono">{visibleToken(each)}</td>
              <td class="number">{signed(each.delta)}</td>
              <td class="number">{signed(each.logitDelta)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
