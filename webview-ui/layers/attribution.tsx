import type { VNode } from "preact";
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { AttributionResult } from "../../src/contract/instruments";
import { Button, Dropdown } from "../kit/controls";
import { figure, signed } from "../kit/format";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { SignedBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";
import { byDepth, bySize } from "./parts";

const shownFirst = 30;

/** The exact split of a logit: signed bars a part, heads inside their layer, and what the parts do not add up to. */
export function Attribution({ result }: { result: AttributionResult }): VNode {
  const [order, setOrder] = useState<"depth" | "size">("depth");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const { target, foil, logit, sum, remainder, parts } = result;
  const lines = order === "depth" ? byDepth(parts) : bySize(parts);
  const shown = order === "depth" || all ? lines : lines.slice(0, shownFirst);
  const most = Math.max(
    1e-9,
    Math.abs(remainder),
    ...lines.map(({ contribution }) => Math.abs(contribution)),
    ...[...open].flatMap(
      (key) => lines.find((line) => line.key === key)?.heads.map((head) => Math.abs(head.contribution)) ?? [],
    ),
  );
  const toggle = (key: string): void => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  return (
    <div class="section grow">
      <div class="sectionHead">
        <h2 class="mono">
          {foil
            ? t("logitDifference", { target: visibleToken(target), foil: visibleToken(foil) })
            : t("logitOf", { target: visibleToken(target) })}
        </h2>
        <span class="bigFigure">{signed(logit, 4)}</span>
        <span class="muted small">
          {t("sumAndRemainder", { sum: signed(sum, 4), remainder: signed(remainder, 2) })}
        </span>
        <span class="grow" />
        <Dropdown<"depth" | "size">
          label={t("order")}
          value={order}
          choices={[
            { value: "depth", label: t("orderDepth") },
            { value: "size", label: t("orderSize") },
          ]}
          onChange={setOrder}
        />
      </div>
      <table class="data parts">
        <caption class="hidden">{t("instrumentAttribution")}</caption>
        <thead>
          <tr>
            <th>{t("part")}</th>
            <th class="number">{t("contribution")}</th>
            <th class="barColumn" />
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, name, contribution, heads }) => (
            <Fragment key={key}>
              <tr>
                <th scope="row">
                  {heads.length > 0 ? (
                    <button type="button" class="rowButton" aria-expanded={open.has(key)} onClick={() => toggle(key)}>
                      <Icon name={open.has(key) ? "chevron-down" : "chevron-right"} />
                      {name}
                      <span class="muted small">{t("headsCount", { n: heads.length })}</span>
                    </button>
                  ) : (
                    <span class="rowName">{name}</span>
                  )}
                </th>
                <td class="number">{signed(contribution)}</td>
                <td class="barColumn">
                  <SignedBar value={contribution} most={most} />
                </td>
              </tr>
              {open.has(key) &&
                heads.map((head) => (
                  <tr key={`${key}-${head.name}`} class="inner">
                    <th scope="row">
                      <span class="rowName">{head.name}</span>
                    </th>
                    <td class="number">{signed(head.contribution)}</td>
                    <td class="barColumn">
                      <SignedBar value={head.contribution} most={most} />
                    </td>
                  </tr>
                ))}
            </Fragment>
          ))}
          <tr class="remainder">
            <th scope="row">
              <span class="rowName">{t("remainder")}</span>
            </th>
            <td class="number">{figure(remainder)}</td>
            <td class="barColumn">
              <SignedBar value={remainder} most={most} />
            </td>
          </tr>
        </tbody>
      </table>
      {shown.length < lines.length && (
        <Button onClick={() => setAll(true)}>{t("showAllParts", { n: lines.length })}</Button>
      )}
      <p class="method">{t("attributionMethod")}</p>
    </div>
  );
}
