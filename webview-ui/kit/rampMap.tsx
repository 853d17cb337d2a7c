import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import type { Cell, Grid } from "./heatmap/grid";
import { Card } from "./cellCard";
import { Dropdown } from "./controls";
import { Heatmap } from "./heatmap/heatmap";
import { picture } from "./heatmap/picture";
import { useSize } from "./hooks";
import { IconButton } from "./icon";
import type { InstrumentHost } from "./instrument";
import { t } from "./l10n";
import { quietly } from "./quietly";
import { csv, savePng, saveText } from "./save";
import { useTheme } from "./theme";

const zooms = [
  { width: 6, height: 8 },
  { width: 12, height: 12 },
  { width: 22, height: 15 },
  { width: 40, height: 17 },
  { width: 58, height: 19 },
  { width: 84, height: 22 },
];

/** A heatmap with its legend, zoom, card under the pointer, table twin and export: all that a map of places in a run needs. */
export function RampMap(props: {
  host: InstrumentHost;
  grid: Grid;
  /** Spoken name of the map. */
  label: string;
  /** One cell in a sentence, with its value and unit. */
  describe: (cell: Cell) => string;
  /** What both ends (and the middle) of the colours mean. */
  legend: { low: string; middle?: string; high: string; unit: string };
  selected: Cell | null;
  onSelect: (cell: Cell) => void;
  table: VNode;
  /** File name without its extension; rows of the CSV; anything for JSON. */
  export: { name: string; rows: () => (string | number | null)[][]; json: () => unknown };
  gutter?: number;
  maxHeight?: number;
  children?: ComponentChildren;
}): VNode {
  const {
    host,
    grid,
    label,
    describe,
    legend,
    selected,
    onSelect,
    table,
    gutter = 72,
    maxHeight = 560,
    children,
  } = props;
  const [measure, room] = useSize<HTMLDivElement>();
  const [chosen, setZoom] = useState(-1);
  const [asTable, setTable] = useState(false);
  const [hovered, setHovered] = useState<{ cell: Cell; box: DOMRect } | null>(null);
  const theme = useTheme();
  const fit = zooms.findLastIndex((each) => each.width * grid.columns <= Math.max(160, room.width - gutter - 8));
  const zoom = chosen >= 0 ? chosen : Math.max(0, Math.min(4, fit));
  const zoomBy = (step: number): void => setZoom(Math.max(0, Math.min(zooms.length - 1, zoom + step)));
  const save = (kind: "png" | "csv" | "json"): void => {
    const { name, rows, json } = props.export;
    if (kind === "png") quietly(host, savePng(host, `${name}.png`, picture([grid], theme)));
    else if (kind === "csv") quietly(host, saveText(host, `${name}.csv`, csv(rows())));
    else quietly(host, saveText(host, `${name}.json`, `${JSON.stringify(json())}\n`));
  };
  return (
    <div class="section">
      <div class="toolbar" role="toolbar" aria-label={t("mapTools")}>
        <span class="legend small muted">
          <span>{legend.low}</span>
          <span class={`legendRamp${grid.kind === "two" ? " two" : ""}`} aria-hidden="true" />
          <span>{legend.high}</span>
          <span>{legend.unit}</span>
        </span>
        {children}
        <span class="grow" />
        <span class="row tight">
          <IconButton icon="zoom-out" label={t("zoomOut")} disabled={zoom === 0} onClick={() => zoomBy(-1)} />
          <IconButton
            icon="zoom-in"
            label={t("zoomIn")}
            disabled={zoom === zooms.length - 1}
            onClick={() => zoomBy(1)}
          />
          <IconButton icon="table" label={t("showTable")} pressed={asTable} onClick={() => setTable(!asTable)} />
          <Dropdown<"none" | "png" | "csv" | "json">
            label={t("export")}
            showLabel={false}
            value="none"
            choices={[
              { value: "none", label: t("export") },
              { value: "png", label: "PNG" },
              { value: "csv", label: "CSV" },
              { value: "json", label: "JSON" },
            ]}
            onChange={(kind) => kind !== "none" && save(kind)}
          />
        </span>
      </div>
      {asTable ? (
        table
      ) : (
        <div ref={measure}>
          <Heatmap
            grid={grid}
            version={grid.version}
            size={zooms[zoom]!}
            gutter={gutter}
            label={`${label}. ${t("mapKeys")}`}
            describe={describe}
            selected={selected}
            onSelect={onSelect}
            onHover={(cell, box) => setHovered(cell && box ? { cell, box } : null)}
            onZoom={zoomBy}
            maxHeight={maxHeight}
          />
        </div>
      )}
      {hovered && !asTable && (
        <Card anchor={hovered.box} label={describe(hovered.cell)}>
          <p>{describe(hovered.cell)}</p>
        </Card>
      )}
    </div>
  );
}
