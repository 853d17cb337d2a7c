import "../kit/panel.css";
import "./trace.css";
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { TraceRun, TraceViewState } from "../../src/contract/traceView";
import type { Word } from "../kit/l10n";
import { Dropdown, TextField } from "../kit/controls";
import { count, duration, when } from "../kit/format";
import { useEvent } from "../kit/hooks";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { Empty, ErrorBox, Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { Details } from "./details";
import { host } from "./host";
import { groupWords, kindOf, type Group } from "./kinds";
import { Replay } from "./replay";
import { Timeline } from "./timeline";
import { useRows } from "./useRows";

const stateWords: Record<TraceRun["state"], Word> = {
  answered: "stateAnswered",
  stopped: "stateStopped",
  failed: "stateFailed",
  open: "stateOpen",
  damaged: "stateDamaged",
};
const stateIcons: Record<TraceRun["state"], string> = {
  answered: "check",
  stopped: "debug-stop",
  failed: "error",
  open: "circle-outline",
  damaged: "warning",
};

/** A run as it was written: every event on a line of a timeline, each to be opened, down to the tokens. */
export function Trace(): VNode {
  const state = useEvent(host, "state");
  if (!state) return <div class="panel" aria-busy="true" />;
  return (
    <div class="panel tracePanel">
      <header class="panelHead">
        <h1>{t("traceTitle")}</h1>
        {state.runs.length > 0 && <RunChoice state={state} />}
        <span class="grow" />
      </header>
      {state.shown ? (
        <Shown key={state.shown.run} state={state} shown={state.shown} />
      ) : state.runs.length > 0 ? (
        <RunList runs={state.runs} />
      ) : (
        <Empty icon="history" title={t("traceNoRuns")}>
          <p>{t("traceNoRunsSays")}</p>
        </Empty>
      )}
    </div>
  );
}

function RunChoice({ state: { runs, shown } }: { state: TraceViewState }): VNode {
  return (
    <Dropdown
      label={t("traceRuns")}
      showLabel={false}
      value={shown?.run ?? ""}
      choices={runs.map(({ run, updated, goal, state }) => ({
        value: run,
        label: `${when(updated)} · ${goal.slice(0, 60) || run} · ${t(stateWords[state])}`,
      }))}
      onChange={(run) => quietly(host, host.call("openRun", { run }))}
    />
  );
}

function RunList({ runs }: { runs: TraceRun[] }): VNode {
  return (
    <ul class="runList" aria-label={t("traceRuns")}>
      {runs.map(({ run, updated, goal, brain, state }) => (
        <li key={run}>
          <button type="button" class="runItem" onClick={() => quietly(host, host.call("openRun", { run }))}>
            <Icon name={stateIcons[state]} />
            <span class="grow">{goal || run}</span>
            <span class="muted small">{[t(stateWords[state]), brain, when(updated)].filter(Boolean).join(" · ")}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface Kept {
  run: string;
  line: number | null;
}

function Shown({ state, shown }: { state: TraceViewState; shown: NonNullable<TraceViewState["shown"]> }): VNode {
  const kept = host.getState() as Partial<Kept> | undefined;
  const { rows, error } = useRows(state);
  const [chosen, setChosen] = useState<number | null>(
    state.from ?? (kept?.run === shown.run ? (kept.line ?? null) : null),
  );
  const [playing, setPlaying] = useState(false);
  const [filter, setFilter] = useState("");
  const [groups, setGroups] = useState<ReadonlySet<Group>>(new Set());
  useEffect(() => {
    if (state.from !== null) setChosen(state.from);
  }, [state.from]);
  useEffect(() => host.setState({ run: shown.run, line: chosen } satisfies Kept), [shown.run, chosen]);
  const present = useMemo(() => [...new Set(rows.map((row) => kindOf(row).group))], [rows]);
  const seen = useMemo(() => {
    const words = filter.toLowerCase().trim();
    return rows.filter(
      (row) =>
        (groups.size === 0 || groups.has(kindOf(row).group)) &&
        (words === "" || `${row.type} ${row.name} ${row.brief}`.toLowerCase().includes(words)),
    );
  }, [rows, filter, groups]);
  const row = rows.find(({ line }) => line === chosen);
  const toggle = (group: Group): void => {
    const next = new Set(groups);
    if (!next.delete(group)) next.add(group);
    setGroups(next);
  };
  return (
    <>
      <Head state={state} shown={shown} rows={rows.length} />
      <div class="toolbar">
        <Replay rows={seen} at={chosen} playing={playing} onPlaying={setPlaying} onMove={setChosen} />
        <TextField
          label={t("traceFilter")}
          showLabel={false}
          placeholder={t("traceFilter")}
          value={filter}
          size={14}
          onInput={setFilter}
        />
        <div class="row groups" role="group" aria-label={t("traceShow")}>
          {present.map((group) => (
            <button
              key={group}
              type="button"
              class={`chip${groups.has(group) ? " pressed" : ""}`}
              aria-pressed={groups.has(group)}
              onClick={() => toggle(group)}
            >
              {t(groupWords[group])}
            </button>
          ))}
        </div>
      </div>
      {error && <ErrorBox error={error} />}
      <div class="traceBody">
        <Timeline
          rows={seen}
          chosen={chosen}
          until={playing ? chosen : null}
          follow={shown.state === "open"}
          onChoose={(line) => {
            setPlaying(false);
            setChosen(line);
          }}
        />
        {row ? (
          <Details run={shown.run} row={row} openable={openable(state)} />
        ) : (
          <p class="muted details">{t("traceChoose")}</p>
        )}
      </div>
    </>
  );
}

function openable({ shown, model }: TraceViewState): boolean {
  if (!shown?.local) return false;
  return model === null || sameModel(shown, model);
}

function sameModel(shown: NonNullable<TraceViewState["shown"]>, model: NonNullable<TraceViewState["model"]>): boolean {
  return shown.fingerprint === "" ? shown.brain === model.name : shown.fingerprint === model.fingerprint;
}

function Head(props: { state: TraceViewState; shown: NonNullable<TraceViewState["shown"]>; rows: number }): VNode {
  const { state, shown, rows } = props;
  const { spent, goal, brain, local } = shown;
  const facts = [
    t(stateWords[shown.state]),
    brain,
    t("traceEvents", { n: rows }),
    ...(spent
      ? [
          t("traceSteps", { n: spent.steps }),
          t("traceSpentTokens", { n: count(spent.promptTokens + spent.tokens) }),
          duration(spent.ms),
        ]
      : []),
  ].filter(Boolean);
  const { damaged, model } = state;
  return (
    <>
      <div class="runHead">
        <Icon name={stateIcons[shown.state]} />
        <strong class="runGoal">{goal || shown.run}</strong>
        <span class="muted small">{facts.join(" · ")}</span>
      </div>
      {damaged.length > 0 && (
        <Note icon="warning">
          {t("traceDamaged", {
            n: damaged.length,
            lines: damaged.slice(0, 20).join(", ") + (damaged.length > 20 ? "…" : ""),
          })}
        </Note>
      )}
      {!local && brain !== "" && <Note>{t("traceRemote")}</Note>}
      {local && model && !sameModel(shown, model) && <Note>{t("traceOtherModel", { brain })}</Note>}
    </>
  );
}
