import type { VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { when } from "../kit/format";
import { useSize } from "../kit/hooks";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { lookOf } from "./colours";
import type { Indexed } from "./graphData";
import { degree } from "./graphData";
import { lineText } from "./nodeText";
import { ShapeIcon } from "./shapeIcon";

const rowHeight = 28;

/** The same memories as a list: every one the graph shows, to read and to open without a picture. */
export function MemoryList(props: {
  graph: Indexed;
  /** 1 for nodes to list. */
  pass: Uint8Array;
  selected: number | null;
  onPick: (node: number) => void;
  onOpen: () => void;
}): VNode {
  const { graph, pass, selected, onPick, onOpen } = props;
  const rows = useMemo(() => ordered(graph, pass), [graph, pass]);
  const [measure, size] = useSize<HTMLDivElement>();
  const box = useRef<HTMLDivElement | null>(null);
  const [top, setTop] = useState(0);
  const at = selected === null ? -1 : rows.indexOf(selected);
  useEffect(() => {
    const list = box.current;
    if (!list || at < 0) return;
    const y = at * rowHeight;
    if (y < list.scrollTop) list.scrollTop = y;
    else if (y + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = y + rowHeight - list.clientHeight;
  }, [at, size.height]);
  const page = Math.max(1, Math.floor(size.height / rowHeight) - 1);
  const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (event.key === "Enter") {
      if (at >= 0) onOpen();
    } else if (rows.length > 0 && (step !== undefined || event.key === "Home" || event.key === "End")) {
      const wanted = step === undefined ? (event.key === "Home" ? 0 : rows.length - 1) : Math.max(0, at) + step;
      const next = at < 0 && step === 1 ? 0 : wanted;
      onPick(rows[Math.min(rows.length - 1, Math.max(0, next))]!);
    } else return;
    event.preventDefault();
  };
  const first = Math.max(0, Math.floor(top / rowHeight) - 4);
  const last = Math.min(rows.length, Math.ceil((top + Math.max(size.height, 200)) / rowHeight) + 4);
  const drawn = rows.slice(first, last).map((node, n) => ({ node, row: first + n }));
  // The row that has the focus is always there, or nothing would have it.
  if (at >= 0 && (at < first || at >= last)) drawn.push({ node: rows[at]!, row: at });
  return (
    <div
      class="memoryList"
      ref={(element) => {
        box.current = element;
        measure(element);
      }}
      role="listbox"
      tabIndex={0}
      aria-label={t("memoryList", { n: rows.length })}
      aria-activedescendant={at < 0 ? undefined : `row-${at}`}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      {rows.length === 0 && (
        <p class="muted" role="option" aria-selected={false} aria-disabled={true}>
          {t("memoryNoneMatch")}
        </p>
      )}
      <div role="presentation" class="listSpace" style={{ height: `${rows.length * rowHeight}px` }}>
        {drawn.map(({ node, row }) => {
          const { kind, text, created, pinned, closed } = graph.nodes[node]!;
          return (
            <div
              key={node}
              id={`row-${row}`}
              role="option"
              aria-selected={row === at}
              aria-setsize={rows.length}
              aria-posinset={row + 1}
              class={`memoryRow${row === at ? " selected" : ""}${closed ? " closed" : ""}`}
              style={{ top: `${row * rowHeight}px` }}
              onClick={() => onPick(node)}
              onDblClick={onOpen}
            >
              <ShapeIcon kind={kind} />
              <span class="hidden">{t(lookOf(kind).one)}</span>
              {pinned && (
                <span title={t("memoryPinned")}>
                  <Icon name="pinned" />
                  <span class="hidden">{t("memoryPinned")}</span>
                </span>
              )}
              <span class="rowText">{lineText(text)}</span>
              <span class="rowSide small" title={t("memoryConnections", { n: degree(graph, node) })}>
                <Icon name="references" /> {degree(graph, node)}
              </span>
              <span class="rowSide small rowWhen">{when(created)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Pinned ones first, then by time, the latest first. */
function ordered({ nodes }: Indexed, pass: Uint8Array): number[] {
  return nodes
    .map((_, i) => i)
    .filter((i) => pass[i] === 1)
    .sort((a, b) => {
      const [one, other] = [nodes[a]!, nodes[b]!];
      const pins = Number(other.pinned ?? false) - Number(one.pinned ?? false);
      return pins || (one.created < other.created ? 1 : one.created > other.created ? -1 : a - b);
    });
}
