import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { PatchResult } from "../../src/contract/acting";
import type { Cell } from "../kit/heatmap/grid";
import type { InstrumentHost } from "../kit/instrument";
import { figure, percent } from "../kit/format";
import { InstrumentMenu } from "../kit/instrumentMenu";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { RampMap } from "../kit/rampMap";
import { quoted } from "../kit/save";
import { SignedBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";
import { restoredAt, restoredGrid, rowName, strongest, tokenAt } from "./grids";

/** The map of what came back, its ends as figures, its table twin, and the other instruments at a chosen place. */
export function Restored(props: { host: InstrumentHost; result: PatchResult; kind: "patch" | "trace" }): VNode {
  const { host, result, kind } = props;
  const grid = useMemo(() => restoredGrid(result), [result]);
  const [selected, setSelected] = useState<Cell | null>(null);
  const ran = result.rows.reduce(
    (sum, _, row) => sum + result.positions.filter((_, c) => restoredAt(result, row, c) !== null).length,
    0,
  );
  const describe = (cell: Cell): string => {
    const value = restoredAt(result, cell.row, cell.column);
    return t("patchSpoken", {
      row: grid.rowLabel(cell.row),
      site: result.site,
      n: result.positions[cell.column] ?? 0,
      token: grid.columnLabel(cell.column),
      value: value === null ? t("patchNotRun") : percentOf(value),
    });
  };
  const unit = kind === "patch" ? t("patchUnit") : t("traceUnit");
  const place = selected ?? best(result);
  return (
    <div class="section">
      {result.partial && (
        <Note icon="circle-slash">{t("patchPartial", { n: ran, total: grid.rows * grid.columns })}</Note>
      )}
      <p class="small">
        {kind === "patch"
          ? t("patchEnds", {
              target: visibleToken(result.target),
              foil: visibleToken(result.foil ?? { text: "" }),
              clean: figure(result.clean),
              corrupt: figure(result.corrupt),
            })
          : t("traceEnds", {
              target: visibleToken(result.target),
              clean: percent(result.clean),
              corrupt: percent(result.corrupt),
            })}
      </p>
      <RampMap
        host={host}
        grid={grid}
        label={kind === "patch" ? t("patchMapLabel") : t("traceMapLabel")}
        describe={describe}
        legend={{ low: "−100 %", high: "100 %", unit }}
        selected={selected}
        onSelect={setSelected}
        table={<RestoredTable result={result} />}
        export={{
          name: kind === "patch" ? `patching-${result.site}` : `trace-${result.site}`,
          rows: () => csvRows(result),
          json: () => ({ instrument: kind, ...result }),
        }}
      />
      {place && (
        <div class="section">
          <p class="small" aria-live="polite">
            {selected ? describe(place) : t("patchStrongest", { what: describe(place) })}
          </p>
          <InstrumentMenu
            host={host}
            without="patching"
            make={(instrument) => ({
              instrument,
              tokens: result.tokens.clean.map(({ id }) => id),
              position: result.positions[place.column] ?? 0,
              layer: result.rows[result.rows.length - 1 - place.row]!.layer,
              target: result.target.text,
              title: t("placeTitle", { token: tokenAt(result, place.column) }).slice(0, 200),
            })}
          />
        </div>
      )}
      <p class="method">{kind === "patch" ? t("patchMethod") : t("traceMethod")}</p>
    </div>
  );
}

function best(result: PatchResult): Cell | null {
  const [first] = strongest(result, 1);
  return first ? { row: first.row, column: first.column } : null;
}

/** Shares can leave 0..1: signed, in whole percents with a decimal where they are small. */
function percentOf(value: number): string {
  return `${value < 0 ? "−" : ""}${percent(Math.abs(value))}`;
}

/** The table twin: every place that was run, the strongest first. */
function RestoredTable({ result }: { result: PatchResult }): VNode {
  const most = 400;
  const rows = strongest(result, most);
  return (
    <div class="tableBox" tabIndex={0} role="region" aria-label={t("patchTable")}>
      <table class="data">
        <caption class="hidden">{t("patchTable")}</caption>
        <thead>
          <tr>
            <th>{t("row")}</th>
            <th class="number">{t("positionShort")}</th>
            <th>{t("token")}</th>
            <th class="number">{t("restored")}</th>
            <th class="barColumn" aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, column, value }) => (
            <tr key={`${row}.${column}`}>
              <th scope="row">{rowName(result.rows[result.rows.length - 1 - row]!)}</th>
              <td class="number">{result.positions[column]}</td>
              <td class="mono">{tokenAt(result, column)}</td>
              <td class="number">{percentOf(value)}</td>
              <td class="barColumn">
                <SignedBar value={value} most={1} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function csvRows(result: PatchResult): (string | number | null)[][] {
  return [
    ["site", "layer", "head", "position", "token", "corrupt_token", "restored"],
    ...result.rows.flatMap(({ layer, head }, row) =>
      result.positions.map((position, column) => [
        result.site,
        layer,
        head ?? null,
        position,
        quoted(result.tokens.clean[position]?.text ?? ""),
        quoted(result.tokens.corrupt[position]?.text ?? ""),
        restoredAt(result, result.rows.length - 1 - row, column),
      ]),
    ),
  ];
}
