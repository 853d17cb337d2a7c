import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Cell, CellSize, Grid } from "../kit/heatmap/grid";
import type { Metric } from "../kit/lensMetric";
import type { LensData } from "./data";
import type { Align } from "./grids";
import { Card, LensFacts } from "../kit/cellCard";
import { Heatmap } from "../kit/heatmap/heatmap";
import { t } from "../kit/l10n";
import { formatMetric, valueOf } from "../kit/lensMetric";
import { visibleToken } from "../kit/visible";
import { difference, formatDifference, shiftOf } from "./grids";

/** One heatmap with what is under the pointer. With `other` it is a map of differences, other minus data. */
export function LensMap(props: {
  data: LensData;
  other?: LensData;
  align?: Align;
  grid: Grid;
  metric: Metric;
  size: CellSize;
  selected: Cell | null;
  onSelect: (cell: Cell) => void;
  onZoom: (direction: 1 | -1) => void;
  sync: { left: number; top: number; listeners: Set<(left: number, top: number) => void> };
  target: string;
  title: string | null;
}): VNode {
  const { data, other, align = "end", grid, metric, size, selected, onSelect, onZoom, sync, target, title } = props;
  const [hovered, setHovered] = useState<{ cell: Cell; box: DOMRect } | null>(null);
  const describe = (cell: Cell): string => {
    const own = data.cellAt(cell.row, cell.column);
    const value = other
      ? difference(data, other, metric, align, cell.row, cell.column)
      : own
        ? valueOf(own, metric)
        : null;
    return t("lensSpoken", {
      row: grid.rowLabel(cell.row),
      column: grid.columnLabel(cell.column),
      top: visibleToken({ text: own?.top[0]?.text ?? "" }),
      value: value === null ? "–" : other ? formatDifference(value, metric) : formatMetric(value, metric),
    });
  };
  const under = hovered && data.cellAt(hovered.cell.row, hovered.cell.column);
  const otherUnder = hovered && other?.cellAt(hovered.cell.row, hovered.cell.column + shiftOf(data, other, align));
  const name = (cell: Cell): string => `${grid.rowLabel(cell.row)} · ${cell.column} ${grid.columnLabel(cell.column)}`;
  return (
    <div class="lensMap">
      {title && (
        <div class="row">
          <h2>{title}</h2>
          {other && (
            <span class="legend small muted">
              <span>{t("lower")}</span>
              <span class="legendRamp two" aria-hidden="true" />
              <span>{t("higher")}</span>
            </span>
          )}
        </div>
      )}
      <Heatmap
        grid={grid}
        version={grid.version}
        size={size}
        label={`${title ? `${title}. ` : ""}${t("lensMapLabel")}`}
        describe={describe}
        selected={selected}
        onSelect={onSelect}
        onHover={(cell, box) => setHovered(cell && box ? { cell, box } : null)}
        onZoom={onZoom}
        sync={sync}
        gutter={62}
      />
      {hovered && under && (
        <Card anchor={hovered.box} label={describe(hovered.cell)}>
          {other && (
            <p>
              <strong>{describe(hovered.cell)}</strong>
            </p>
          )}
          <LensFacts cell={under} title={other ? t("mapA") : name(hovered.cell)} {...(target && { target })} />
          {otherUnder && <LensFacts cell={otherUnder} title={t("mapB")} {...(target && { target })} />}
        </Card>
      )}
    </div>
  );
}
