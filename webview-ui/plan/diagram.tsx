import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PlanNode } from "../../src/contract/plan";
import type { Laid, Placed } from "./layout";
import { t } from "../kit/l10n";
import { box, neighbour } from "./layout";
import { spoken, statusMarks, valueText } from "./words";

/** The tree as a picture; only what is in sight is drawn, so that a thousand nodes stay quick. */
export function Diagram(props: {
  laid: Laid;
  path: ReadonlySet<string>;
  selected: string | null;
  zoom: number;
  onSelect: (id: string) => void;
  onMenu: (id: string, x: number, y: number) => void;
}): VNode {
  const { laid, path, selected, zoom, onSelect, onMenu } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ left: 0, top: 0, width: 1_600, height: 1_000 });
  const look = (): void => {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = frame.current!;
    setSight({
      left: scrollLeft / zoom,
      top: scrollTop / zoom,
      width: clientWidth / zoom,
      height: clientHeight / zoom,
    });
  };
  useEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, [zoom]);
  useEffect(() => {
    const at = selected === null ? undefined : laid.placed.get(selected);
    const element = frame.current!;
    if (!at) return;
    const [x, y] = [at.x * zoom, at.y * zoom];
    if (x < element.scrollLeft || x + box.width * zoom > element.scrollLeft + element.clientWidth)
      element.scrollLeft = x - 40;
    if (y < element.scrollTop || y + box.height * zoom > element.scrollTop + element.clientHeight)
      element.scrollTop = y - element.clientHeight / 2;
  }, [selected, laid, zoom]);
  const near = ({ x, y }: Placed): boolean =>
    x + box.width > sight.left - 200 &&
    x < sight.left + sight.width + 200 &&
    y + box.height > sight.top - 200 &&
    y < sight.top + sight.height + 200;
  const all = [...laid.placed.values()];
  const seen = all.filter((each) => near(each) || each.node.id === selected);
  const links = all.filter((each) => {
    const parent = each.parent === null ? undefined : laid.placed.get(each.parent);
    return parent !== undefined && (near(each) || near(parent));
  });
  const onKey = (event: KeyboardEvent): void => {
    const from = selected ?? laid.order[0];
    if (from === undefined) return;
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) || event.key === "Enter") {
      event.preventDefault();
      const at = laid.placed.get(from)!;
      const { left, top } = frame.current!.getBoundingClientRect();
      const { scrollLeft, scrollTop } = frame.current!;
      return onMenu(from, left + at.x * zoom - scrollLeft + 20, top + (at.y + box.height) * zoom - scrollTop);
    }
    const next = neighbour(laid, from, event.key);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
  };
  return (
    <div
      class="planFrame"
      ref={frame}
      role="tree"
      tabIndex={0}
      aria-label={t("planTree")}
      {...(selected !== null && { "aria-activedescendant": `plan-${selected}` })}
      onScroll={look}
      onKeyDown={onKey}
    >
      <svg
        role="none"
        width={laid.width * zoom}
        height={laid.height * zoom}
        viewBox={`0 0 ${Math.max(1, laid.width)} ${Math.max(1, laid.height)}`}
      >
        {links.map((each) => (
          <path
            key={`l${each.node.id}`}
            class={`planLink ${each.node.reality} ${path.has(each.node.id) ? "taken" : ""}`}
            d={curve(laid.placed.get(each.parent!)!, each)}
            aria-hidden="true"
          />
        ))}
        {seen.map((each) => (
          <Box
            key={each.node.id}
            at={each}
            taken={path.has(each.node.id)}
            chosen={each.node.id === selected}
            onSelect={onSelect}
            onMenu={onMenu}
          />
        ))}
      </svg>
    </div>
  );
}

export function curve(from: Placed, to: Placed): string {
  const [x1, y1, x2, y2] = [from.x + box.width, from.y + box.height / 2, to.x, to.y + box.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
}

function Box(props: {
  at: Placed;
  taken: boolean;
  chosen: boolean;
  onSelect: (id: string) => void;
  onMenu: (id: string, x: number, y: number) => void;
}): VNode {
  const { at, taken, chosen, onSelect, onMenu } = props;
  const { node } = at;
  const classes = ["planNode", node.reality, node.status, taken ? "taken" : "", chosen ? "chosen" : ""];
  return (
    <g
      id={`plan-${node.id}`}
      class={classes.join(" ")}
      role="treeitem"
      aria-level={at.depth + 1}
      aria-selected={chosen}
      aria-label={spoken(node)}
      transform={`translate(${at.x},${at.y})`}
      onClick={() => onSelect(node.id)}
      onContextMenu={(event) => {
        event.preventDefault();
        onSelect(node.id);
        onMenu(node.id, event.clientX, event.clientY);
      }}
    >
      <title>{`${node.intent}\n${node.reason}`}</title>
      <rect class="planBox" width={box.width} height={box.height} rx={5} />
      {node.value !== null && (
        <rect class="planValue" x={0} y={box.height - 3} width={Math.max(0, node.value) * box.width} height={3} />
      )}
      <text class="planMark" x={9} y={18}>
        {statusMarks[node.status]}
      </text>
      <text class="planIntent" x={25} y={18}>
        {short(node.intent, 26)}
      </text>
      <text class="planUnder" x={25} y={35}>
        {under(node)}
      </text>
      {node.pinned && (
        <text class="planPin" x={box.width - 16} y={17}>
          ★
        </text>
      )}
    </g>
  );
}

export function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The second line of a box: how real, what worth, what it cost. */
export function under({ value, reality, cost, votes }: PlanNode): string {
  const word = {
    root: "planGoal",
    proposed: "planProposed",
    imagined: "planImagined",
    tried: "planTried",
    real: "planReal",
  } as const;
  const tokens = cost.promptTokens + cost.tokens;
  return [
    t(word[reality]),
    ...(value === null ? [] : [valueText(value)]),
    ...(votes > 1 ? [`×${votes}`] : []),
    ...(tokens > 0 ? [t("planTokens", { n: tokens })] : []),
  ].join(" · ");
}
