import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ModelInfo } from "../../src/contract/model";
import type { Grid } from "../kit/heatmap/grid";
import type { InstrumentHost } from "../kit/instrument";
import type { Metric } from "../kit/lensMetric";
import type { LensData } from "./data";
import type { LensSettings, RowChoice } from "./settings";
import { Dropdown, TextField } from "../kit/controls";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { formatMetric, metrics, scaleOf } from "../kit/lensMetric";
import { quietly } from "../kit/quietly";
import { useTheme } from "../kit/theme";
import { exportLens } from "./exports";
import { rowSites, zooms } from "./settings";

/** Colour, target, rows, zoom, table, export; and what the colours mean. */
export function Toolbar(props: {
  host: InstrumentHost;
  settings: LensSettings;
  set: (change: Partial<LensSettings>) => void;
  again: () => void;
  metric: Metric;
  zoom: number;
  onZoom: (step: 1 | -1) => void;
  data: LensData;
  other: LensData | null;
  model: ModelInfo | null;
  grids: { a: Grid; b: Grid | null; difference: Grid | null };
}): VNode {
  const { host, settings, set, again, metric, zoom, onZoom, data, other, model, grids } = props;
  const [target, setTarget] = useState(settings.target);
  const [seen, setSeen] = useState(settings.target);
  if (seen !== settings.target) {
    setSeen(settings.target);
    setTarget(settings.target);
  }
  const theme = useTheme();
  const applyTarget = (): void => {
    if (target === settings.target) return;
    set({ target, ...(target !== "" ? { metric: "target" as const } : {}) });
    again();
  };
  const rowChoices = (["post", "mid", "parts"] as const).filter((choice) =>
    rowSites[choice].every((site) => site === "embed" || (model?.sites.includes(site) ?? false)),
  );
  const scale = scaleOf(metric, model?.vocabulary ?? 2);
  return (
    <div class="toolbar" role="toolbar" aria-label={t("lensTools")}>
      <Dropdown<Metric>
        label={t("colour")}
        value={metric}
        choices={metrics
          .filter(({ needsTarget }) => !needsTarget || settings.target !== "")
          .map(({ id, name }) => ({ value: id, label: t(name) }))}
        onChange={(next) => set({ metric: next })}
      />
      <span class="legend small muted">
        <span>{formatMetric(metric === "rank" ? scale.high : scale.low, metric)}</span>
        <span class="legendRamp" aria-hidden="true" />
        <span>{formatMetric(metric === "rank" ? scale.low : scale.high, metric)}</span>
      </span>
      <TextField
        label={t("target")}
        value={target}
        placeholder={t("targetPlaceholder")}
        title={t("targetSays")}
        size={10}
        onInput={setTarget}
        onEnter={applyTarget}
      />
      <IconButton icon="target" label={t("followTarget")} disabled={target === settings.target} onClick={applyTarget} />
      {rowChoices.length > 1 && (
        <Dropdown<RowChoice>
          label={t("rows")}
          value={settings.rows}
          choices={rowChoices.map((value) => ({
            value,
            label: t(value === "post" ? "rowsPost" : value === "mid" ? "rowsMid" : "rowsParts"),
          }))}
          onChange={(rows) => {
            set({ rows, selected: null });
            again();
          }}
        />
      )}
      <span class="grow" />
      <span class="row tight">
        <IconButton icon="zoom-out" label={t("zoomOut")} disabled={zoom === 0} onClick={() => onZoom(-1)} />
        <IconButton icon="zoom-in" label={t("zoomIn")} disabled={zoom === zooms.length - 1} onClick={() => onZoom(1)} />
        <IconButton icon="screen-full" label={t("zoomFit")} onClick={() => set({ zoom: -1 })} />
        <IconButton
          icon="table"
          label={t("showTable")}
          pressed={settings.table}
          onClick={() => set({ table: !settings.table })}
        />
        <Dropdown<"none" | "png" | "svg" | "csv" | "parquet" | "json">
          label={t("export")}
          showLabel={false}
          value="none"
          choices={[
            { value: "none", label: t("export") },
            { value: "png", label: "PNG" },
            { value: "svg", label: "SVG" },
            { value: "csv", label: "CSV" },
            { value: "parquet", label: "Parquet" },
            { value: "json", label: "JSON" },
          ]}
          onChange={(kind) => {
            if (kind !== "none") quietly(host, exportLens(host, kind, { data, other, grids, metric, theme, model }));
          }}
        />
      </span>
    </div>
  );
}
