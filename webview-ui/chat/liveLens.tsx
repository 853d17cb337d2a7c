import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { GeneratedToken } from "../../src/contract/token";
import type { LensCell, TokenLens } from "../../src/contract/verbs";
import type { Cell, Grid } from "../kit/heatmap/grid";
import type { Metric } from "../kit/lensMetric";
import { Card, LensFacts } from "../kit/cellCard";
import { Heatmap } from "../kit/heatmap/heatmap";
import { Help } from "../kit/help";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { formatMetric, levelOf, valueOf } from "../kit/lensMetric";
import { siteName } from "../kit/sites";
import { cellText, visibleToken } from "../kit/visible";

/** A lens as the chat keeps it. */
export interface ShownLens {
  /** Those of the answer's last tokens: what was decided before has none. */
  tokens: TokenLens[];
  /** When cells that lack will come: once the answer is written, now, never, or none lack. */
  rest: "later" | "now" | "never" | "none";
}

/**
 * The lens of an answer as it grows: a column a token, a row a layer, the last layer on top. Thinking is columns too, with
 * a band over them: what one pass cannot do is done along the strip.
 */
export function LiveLens(props: {
  id: string;
  lens: ShownLens;
  tokens: readonly GeneratedToken[];
  live: boolean;
}): VNode {
  const { lens, tokens, live } = props;
  const [open, setOpen] = useState(true);
  const [metric, setMetric] = useState<Metric>("probability");
  const [wide, setWide] = useState(false);
  const [table, setTable] = useState(false);
  const [selected, setSelected] = useState<Cell | null>(null);
  const [hovered, setHovered] = useState<{ cell: Cell; box: DOMRect } | null>(null);
  const grid = useMemo(() => gridOf(lens, tokens, metric), [lens, tokens, metric]);
  const rows = lens.tokens[0]?.rows ?? [];
  const cellOf = ({ row, column }: Cell): LensCell | undefined =>
    lens.tokens[column]?.cells[rows.length - 1 - row] ?? undefined;
  const offset = Math.max(0, tokens.length - lens.tokens.length);
  const thinking = tokens.slice(offset).filter(({ part }) => part === "thought").length;
  const missing = useMemo(
    () => lens.tokens.reduce((sum, { cells }) => sum + cells.filter((cell) => cell === null).length, 0),
    [lens],
  );
  const describe = (cell: Cell): string => {
    const own = cellOf(cell);
    return t("lensSpoken", {
      row: grid.rowLabel(cell.row),
      column: grid.marked?.(cell.column)
        ? t("lensThinking", { token: grid.columnLabel(cell.column) })
        : grid.columnLabel(cell.column),
      top: own ? visibleToken({ text: own.top[0]?.text ?? "" }) : t("cellToCome"),
      value: own ? formatMetric(valueOf(own, metric), metric) : "–",
    });
  };
  const shown = hovered && cellOf(hovered.cell);
  const height = Math.max(5, Math.min(14, Math.floor(150 / Math.max(1, rows.length))));
  return (
    <section class="liveLens" aria-label={t("liveLens")}>
      <div class="liveLensHead">
        <button type="button" class="thoughtHead" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? "chevron-down" : "chevron-right"} />
          <span>{t("liveLens")}</span>
          <span class="muted small">{t("lensSize", { layers: rows.length, tokens: lens.tokens.length })}</span>
        </button>
        <span class="grow" />
        {open && (
          <>
            <IconButton
              icon="graph-scatter"
              label={metric === "probability" ? t("colourByEntropy") : t("colourByProbability")}
              pressed={metric === "entropy"}
              onClick={() => setMetric(metric === "probability" ? "entropy" : "probability")}
            />
            <IconButton icon="zoom-in" label={t("showTexts")} pressed={wide} onClick={() => setWide(!wide)} />
            <IconButton icon="table" label={t("showTable")} pressed={table} onClick={() => setTable(!table)} />
            <Help topic="liveLens" />
          </>
        )}
      </div>
      {open && !table && (
        <>
          <Heatmap
            grid={grid}
            version={grid.version}
            size={wide ? { width: 58, height: 16 } : { width: 10, height }}
            gutter={46}
            header={wide ? 18 : 14}
            label={t("liveLensLabel")}
            describe={describe}
            selected={selected}
            onSelect={setSelected}
            onHover={(cell, box) => setHovered(cell && box ? { cell, box } : null)}
            follow={live}
            maxHeight={230}
          />
          <div class="legend small muted">
            <span>{metric === "probability" ? t("legendTop") : t("legendEntropy")}</span>
            <span class="legendRamp" aria-hidden="true" />
            <span>{metric === "probability" ? "0 – 100 %" : t("legendNats")}</span>
            {thinking > 0 && (
              <span class="legendBand">
                <i aria-hidden="true" />
                {t("legendThinking", { n: thinking })}
              </span>
            )}
            {missing > 0 && (
              <span class="legendToCome">
                <i aria-hidden="true" />
                {t(lens.rest === "now" ? "cellsComing" : lens.rest === "never" ? "cellsMissing" : "cellsLater", {
                  n: missing,
                })}
              </span>
            )}
          </div>
        </>
      )}
      {open && table && <LensTable lens={lens} tokens={tokens} />}
      {shown && hovered && (
        <Card anchor={hovered.box} label={describe(hovered.cell)}>
          <LensFacts
            cell={shown}
            title={`${grid.rowLabel(hovered.cell.row)} → ${grid.columnLabel(hovered.cell.column)}`}
          />
        </Card>
      )}
    </section>
  );
}

function gridOf(lens: ShownLens, tokens: readonly GeneratedToken[], metric: Metric): Grid {
  const offset = Math.max(0, tokens.length - lens.tokens.length);
  const rows = lens.tokens[0]?.rows ?? [];
  const columns = lens.tokens.length;
  const levels = new Int16Array(rows.length * columns).fill(-1);
  // Without the vocabulary's size the scale ends at 8 nats: a guess among 3,000.
  const vocabulary = Math.exp(8);
  lens.tokens.forEach(({ cells }, column) => {
    cells.forEach((cell, row) => {
      levels[(rows.length - 1 - row) * columns + column] =
        cell === null ? -2 : levelOf(valueOf(cell, metric), metric, vocabulary);
    });
  });
  const cellOf = (row: number, column: number): LensCell | undefined =>
    lens.tokens[column]?.cells[rows.length - 1 - row] ?? undefined;
  return {
    rows: rows.length,
    columns,
    levels,
    version: columns,
    kind: "one",
    text: (row, column) => cellText(cellOf(row, column)?.top[0]?.text ?? ""),
    rowLabel: (row) => siteName(rows[rows.length - 1 - row]),
    columnLabel: (column) => {
      const token = tokens[column + offset];
      return token ? visibleToken(token) : "";
    },
    marked: (column) => tokens[column + offset]?.part === "thought",
  };
}

/** The same as a table: what each layer would have said, and how sure of it. */
function LensTable({ lens, tokens }: { lens: ShownLens; tokens: readonly GeneratedToken[] }): VNode {
  const offset = Math.max(0, tokens.length - lens.tokens.length);
  const rows = lens.tokens[0]?.rows ?? [];
  return (
    <div class="tableBox" tabIndex={0} role="region" aria-label={t("liveLensLabel")}>
      <table class="data">
        <thead>
          <tr>
            <th>{t("token")}</th>
            {rows.map((row) => (
              <th key={siteName(row)}>{siteName(row)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lens.tokens.map(({ cells }, i) => (
            <tr key={i}>
              <th scope="row" class="mono">
                {visibleToken(tokens[i + offset] ?? { text: "" })}
                {tokens[i + offset]?.part === "thought" && <span class="muted small"> {t("thinkingMark")}</span>}
              </th>
              {cells.map((cell, row) =>
                cell === null ? (
                  <td key={row} class="muted" title={t("cellToCome")}>
                    …
                  </td>
                ) : (
                  <td key={row}>
                    <span class="mono">{visibleToken({ text: cell.top[0]?.text ?? "" })}</span>{" "}
                    <span class="muted">{formatMetric(cell.top[0]?.p ?? null, "probability")}</span>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
