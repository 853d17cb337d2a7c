import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TraceRow } from "../../src/contract/traceView";
import { count, duration } from "../kit/format";
import { useSize } from "../kit/hooks";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { kindOf } from "./kinds";

const rowHeight = 26;
const spare = 8;

/** Every event on a line, and when it happened as a bar in the run's time. Only the lines in sight are drawn. */
export function Timeline(props: {
  rows: readonly TraceRow[];
  chosen: number | null;
  /** Replay: lines after this one are still to come. */
  until: number | null;
  follow: boolean;
  onChoose: (line: number) => void;
}): VNode {
  const { rows, chosen, until, follow, onChoose } = props;
  const box = useRef<HTMLDivElement | null>(null);
  const [measure, size] = useSize();
  const [top, setTop] = useState(0);
  const span = useMemo(() => spanOf(rows), [rows]);
  const at = rows.findIndex(({ line }) => line === chosen);
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const last = Math.min(rows.length, Math.ceil((top + Math.max(size.height, 200)) / rowHeight) + spare);

  const show = (index: number): void => {
    const element = box.current;
    if (!element || index < 0) return;
    const y = index * rowHeight;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = y + rowHeight - element.clientHeight;
  };
  useLayoutEffect(() => show(at), [at, size.height]);
  useEffect(() => {
    if (follow && chosen === null) show(rows.length - 1);
  }, [rows.length, follow]);

  const move = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(size.height / rowHeight) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const to =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? rows.length - 1
          : event.key in steps
            ? at + steps[event.key]!
            : null;
    if (to === null || rows.length === 0) return;
    event.preventDefault();
    onChoose(rows[Math.max(0, Math.min(rows.length - 1, to))]!.line);
  };
  return (
    <div
      class="timeline"
      role="listbox"
      aria-label={t("traceTimeline")}
      aria-activedescendant={at >= 0 ? `row-${chosen}` : undefined}
      tabIndex={0}
      ref={(element) => {
        box.current = element;
        measure(element);
      }}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={move}
    >
      <div style={{ height: `${rows.length * rowHeight}px`, position: "relative" }}>
        {rows.slice(first, last).map((row, i) => (
          <Row
            key={row.line}
            row={row}
            index={first + i}
            of={rows.length}
            newStep={rows[first + i - 1]?.step !== row.step}
            chosen={row.line === chosen}
            yet={until !== null && row.line > until}
            span={span}
            onChoose={onChoose}
          />
        ))}
      </div>
    </div>
  );
}

interface Span {
  from: number;
  to: number;
}

function spanOf(rows: readonly TraceRow[]): Span {
  let [from, to] = [Infinity, -Infinity];
  for (const row of rows) {
    const at = Date.parse(row.at);
    if (Number.isNaN(at)) continue;
    from = Math.min(from, at - (row.ms ?? 0));
    to = Math.max(to, at);
  }
  return { from, to };
}

function Row(props: {
  row: TraceRow;
  index: number;
  of: number;
  newStep: boolean;
  chosen: boolean;
  yet: boolean;
  span: Span;
  onChoose: (line: number) => void;
}): VNode {
  const { row, index, of, newStep, chosen, yet, span, onChoose } = props;
  const { icon, name } = kindOf(row);
  const at = Date.parse(row.at);
  const since = Number.isNaN(at) || !Number.isFinite(span.from) ? "" : duration(Math.max(0, at - span.from));
  const title = row.name && row.type !== "note" ? row.name : name;
  return (
    <div
      id={`row-${row.line}`}
      role="option"
      aria-selected={chosen}
      aria-posinset={index + 1}
      aria-setsize={of}
      aria-label={[name, row.name, row.brief, row.ms === undefined ? "" : duration(row.ms)].filter(Boolean).join(", ")}
      class={`traceRow ${row.type}${chosen ? " chosen" : ""}${yet ? " yet" : ""}${row.state ? ` is-${row.state}` : ""}`}
      style={{ top: `${index * rowHeight}px` }}
      onClick={() => onChoose(row.line)}
    >
      <span class="rowStep muted">{newStep && row.step !== null && row.step > 0 ? row.step : ""}</span>
      <Icon name={icon} />
      <span class="rowName" title={name}>
        {title}
      </span>
      <span class="rowBrief muted">{row.brief}</span>
      {row.usage && (
        <span class="rowTokens muted small" title={t("traceUsage", usageWords(row.usage))}>
          {t("traceTokensShort", { prompt: count(row.usage.prompt), tokens: count(row.usage.tokens) })}
        </span>
      )}
      <span class="rowMs small">{row.ms === undefined ? "" : duration(row.ms)}</span>
      <Bar at={at} ms={row.ms ?? 0} span={span} kind={row.type} />
      <span class="rowAt muted small">{since}</span>
    </div>
  );
}

export function usageWords({ prompt, reused, tokens }: NonNullable<TraceRow["usage"]>): Record<string, string> {
  return { prompt: count(prompt), reused: count(reused), tokens: count(tokens) };
}

function Bar({ at, ms, span, kind }: { at: number; ms: number; span: Span; kind: string }): VNode {
  const whole = span.to - span.from;
  if (Number.isNaN(at) || !(whole > 0)) return <span class="rowBar" />;
  const left = Math.max(0, ((at - ms - span.from) / whole) * 100);
  return (
    <span class="rowBar" aria-hidden="true">
      <i class={kind} style={{ left: `min(${left}%, 100% - 2px)`, width: `${Math.max(0, (ms / whole) * 100)}%` }} />
    </span>
  );
}
