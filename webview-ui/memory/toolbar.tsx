import type { VNode } from "preact";
import { Checkbox, Dropdown, TextField } from "../kit/controls";
import { count } from "../kit/format";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { kindLooks } from "./colours";
import type { Filter, Indexed } from "./graphData";
import type { DrawnKind } from "./model";
import { shortText } from "./nodeText";
import { ShapeIcon } from "./shapeIcon";

export type ExportKind = "png" | "svg" | "graphml";

/** Runs offered to filter by. */
const mostRuns = 60;
const days = [1, 7, 30, 365] as const;
const dayWords = { 1: "memoryDay", 7: "memoryWeek", 30: "memoryMonth", 365: "memoryYear" } as const;

/** What is searched for, what is let through, how it is shown, and where it can be taken. */
export function Toolbar(props: {
  query: string;
  onQuery: (query: string) => void;
  onFind: () => void;
  filter: Filter;
  onFilter: (change: Partial<Filter>) => void;
  runs: readonly string[];
  view: "graph" | "list";
  onView: (view: "graph" | "list") => void;
  /** Memories the last answer was given; null where there is none. */
  read: number | null;
  readShown: boolean;
  onRead: () => void;
  onExport: (kind: ExportKind) => void;
}): VNode {
  const { query, onQuery, onFind, filter, onFilter, runs, view, onView, read, readShown, onRead, onExport } = props;
  const age = days.find((each) => each === filter.days);
  return (
    <div class="toolbar memoryBar">
      <TextField
        label={t("memorySearch")}
        showLabel={false}
        placeholder={t("memorySearch")}
        value={query}
        size={22}
        onInput={onQuery}
        onEnter={onFind}
      />
      <Dropdown
        label={t("memoryTime")}
        showLabel={false}
        value={age === undefined ? "all" : String(age)}
        choices={[
          { value: "all", label: t("memoryAnyTime") },
          ...days.map((each) => ({ value: String(each), label: t(dayWords[each]) })),
        ]}
        onChange={(value) => onFilter({ days: value === "all" ? null : Number(value) })}
      />
      {runs.length > 0 && (
        <Dropdown
          label={t("memoryRunFilter")}
          showLabel={false}
          value={filter.run ?? ""}
          choices={[
            { value: "", label: t("memoryAnyRun") },
            ...runs.slice(0, mostRuns).map((run) => ({ value: run, label: shortText(run, 28) })),
          ]}
          onChange={(run) => onFilter({ run: run === "" ? null : run })}
        />
      )}
      <Checkbox
        label={t("memoryShowClosed")}
        title={t("memoryShowClosedSays")}
        checked={filter.closed}
        onChange={(closed) => onFilter({ closed })}
      />
      {read !== null && (
        <IconButton
          icon="lightbulb"
          label={t("memoryLastReadSays")}
          text={t("memoryLastReadButton", { n: read })}
          pressed={readShown}
          onClick={onRead}
        />
      )}
      <span class="grow" />
      <Dropdown<ExportKind | "none">
        label={t("memoryExport")}
        showLabel={false}
        value="none"
        choices={[
          { value: "none", label: t("memoryExport") },
          { value: "png", label: "PNG" },
          { value: "svg", label: "SVG" },
          { value: "graphml", label: "GraphML" },
        ]}
        onChange={(kind) => {
          if (kind !== "none") onExport(kind);
        }}
      />
      <span role="group" aria-label={t("memoryView")} class="viewSwitch">
        <IconButton
          icon="type-hierarchy"
          label={t("memoryAsGraph")}
          pressed={view === "graph"}
          onClick={() => onView("graph")}
        />
        <IconButton
          icon="list-unordered"
          label={t("memoryAsList")}
          pressed={view === "list"}
          onClick={() => onView("list")}
        />
      </span>
    </div>
  );
}

/** What the shapes and colours mean; each kind is shown or hidden with a click. */
export function Legend(props: {
  graph: Indexed;
  hidden: readonly DrawnKind[];
  onToggle: (kind: DrawnKind) => void;
}): VNode {
  const { graph, hidden, onToggle } = props;
  return (
    <div class="legend kinds" role="group" aria-label={t("memoryLegend")}>
      {kindLooks.map(({ kind, many }) => {
        const there = graph.nodes.reduce((sum, node) => sum + (node.kind === kind ? 1 : 0), 0);
        if (there === 0) return null;
        const shown = !hidden.includes(kind);
        return (
          <button
            key={kind}
            type="button"
            class={`legendKind${shown ? "" : " off"}`}
            aria-pressed={shown}
            title={t(shown ? "memoryHideKind" : "memoryShowKind", { kind: t(many) })}
            onClick={() => onToggle(kind)}
          >
            <ShapeIcon kind={kind} />
            {t(many)} <span class="muted">{count(there)}</span>
          </button>
        );
      })}
    </div>
  );
}
