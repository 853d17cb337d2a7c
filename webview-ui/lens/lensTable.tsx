import type { VNode } from "preact";
import type { Cell } from "../kit/heatmap/grid";
import type { LensData } from "./data";
import { figure, percent } from "../kit/format";
import { t } from "../kit/l10n";
import { siteName } from "../kit/sites";
import { TokenStrip } from "../kit/tokenStrip";
import { visibleToken } from "../kit/visible";

/** The table twin: all rows at one position, which is chosen among the prompt's tokens. */
export function LensTable(props: {
  data: LensData;
  selected: Cell | null;
  onSelect: (cell: Cell) => void;
  target: string;
}): VNode {
  const { data, selected, onSelect, target } = props;
  const column = Math.min(data.tokens.length - 1, selected?.column ?? data.tokens.length - 1);
  const withTarget = data.cells.some((row) => (row[column]?.rank ?? -1) >= 0);
  return (
    <div class="section">
      <TokenStrip
        tokens={data.tokens}
        chosen={column}
        label={t("choosePosition")}
        onChoose={(index) => onSelect({ row: selected?.row ?? 0, column: index })}
      />
      <div class="tableBox" tabIndex={0} role="region" aria-label={t("lensTableLabel")}>
        <table class="data">
          <caption class="hidden">{t("lensTableLabel")}</caption>
          <thead>
            <tr>
              <th>{t("row")}</th>
              <th>{t("likeliest")}</th>
              <th class="number">{t("entropyNats")}</th>
              <th class="number">{t("klNats")}</th>
              {withTarget && <th class="number">{t("targetNamed", { token: target })}</th>}
              {withTarget && <th class="number">{t("metricRank")}</th>}
            </tr>
          </thead>
          <tbody>
            {data.rows.map((_, row) => {
              const cell = data.cellAt(row, column);
              return (
                <tr key={row} class={row === selected?.row ? "selected" : ""}>
                  <th scope="row">{siteName(data.siteAt(row))}</th>
                  <td>
                    {cell?.top.map((each) => (
                      <span key={each.id} class="tableToken">
                        <span class="mono">{visibleToken(each)}</span> <span class="muted">{percent(each.p)}</span>
                      </span>
                    )) ?? "…"}
                  </td>
                  <td class="number">{cell ? figure(cell.entropy) : ""}</td>
                  <td class="number">{cell ? figure(cell.kl) : ""}</td>
                  {withTarget && <td class="number">{cell ? percent(cell.p) : ""}</td>}
                  {withTarget && <td class="number">{cell ? cell.rank + 1 : ""}</td>}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
