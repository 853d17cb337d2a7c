import type { VNode } from "preact";
import type { InstrumentHost, ProbeText } from "../kit/instrument";
import type { Cell } from "../kit/heatmap/grid";
import type { LensData } from "./data";
import type { Align } from "./grids";
import { LensFacts } from "../kit/cellCard";
import { InstrumentMenu } from "../kit/instrumentMenu";
import { t } from "../kit/l10n";
import { siteName } from "../kit/sites";
import { visibleToken } from "../kit/visible";
import { shiftOf } from "./grids";

/** The pinned cell in full, and every other instrument at its place. */
export function Details(props: {
  host: InstrumentHost;
  data: LensData;
  other: LensData | null;
  align: Align;
  selected: Cell | null;
  probe: ProbeText;
  target: string;
  altered: boolean;
}): VNode {
  const { host, data, other, align, selected, target } = props;
  const cell = selected && data.cellAt(selected.row, selected.column);
  if (!selected || !cell) {
    return (
      <aside class="details" aria-label={t("pinnedCell")}>
        <p class="muted">{t("pinHint")}</p>
      </aside>
    );
  }
  const site = data.siteAt(selected.row);
  const second = other?.cellAt(selected.row, selected.column + shiftOf(data, other, align));
  const token = visibleToken(data.tokens[selected.column] ?? { text: "" });
  const next = data.tokens[selected.column + 1];
  return (
    <aside class="details" aria-label={t("pinnedCell")} aria-live="polite">
      <p class="muted small">{t("afterToken", { row: siteName(site), n: selected.column, token })}</p>
      {next && <p class="muted small">{t("cameNext", { token: visibleToken(next) })}</p>}
      <LensFacts cell={cell} title={second ? t("mapA") : t("wouldSay")} {...(target && { target })} />
      {second && <LensFacts cell={second} title={t("mapB")} {...(target && { target })} />}
      <div class="popoverSection small muted">{t("instrumentsThere")}</div>
      <InstrumentMenu
        host={host}
        without="lens"
        make={(instrument) => ({
          instrument,
          tokens: data.tokens.map(({ id }) => id),
          position: selected.column,
          ...(site?.layer !== undefined && { layer: site.layer }),
          ...(cell.top[0] && { target: data.target?.text ?? cell.top[0].text }),
          title: t("placeTitle", { token }).slice(0, 200),
        })}
      />
    </aside>
  );
}
