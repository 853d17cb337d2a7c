import type { VNode } from "preact";
import type { Laid } from "./layout";
import { t } from "../kit/l10n";
import { spoken, statusMarks } from "./words";
import { under } from "./diagram";

/** The same tree as indented lines, for reading and for screen readers. */
export function Outline(props: {
  laid: Laid;
  path: ReadonlySet<string>;
  selected: string | null;
  onSelect: (id: string) => void;
  onMenu: (id: string, x: number, y: number) => void;
}): VNode {
  const { laid, path, selected, onSelect, onMenu } = props;
  const step = (by: number): string | undefined =>
    laid.order[Math.max(0, (selected === null ? -1 : laid.order.indexOf(selected)) + by)];
  const onKey = (event: KeyboardEvent): void => {
    const at = selected === null ? undefined : laid.placed.get(selected);
    const next =
      event.key === "ArrowDown"
        ? step(1)
        : event.key === "ArrowUp"
          ? step(-1)
          : event.key === "ArrowLeft"
            ? (at?.parent ?? undefined)
            : event.key === "ArrowRight"
              ? at?.children[0]
              : undefined;
    if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      if (selected === null) return;
      event.preventDefault();
      const { left, bottom } = document.getElementById(`line-${selected}`)!.getBoundingClientRect();
      return onMenu(selected, left + 40, bottom);
    }
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
    document.getElementById(`line-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div
      class="planOutline"
      role="tree"
      tabIndex={0}
      aria-label={t("planTree")}
      {...(selected !== null && { "aria-activedescendant": `line-${selected}` })}
      onKeyDown={onKey}
    >
      {laid.order.map((id) => {
        const { node, depth } = laid.placed.get(id)!;
        return (
          <div
            key={id}
            id={`line-${id}`}
            class={`planLine ${node.status} ${node.reality}${path.has(id) ? " taken" : ""}${id === selected ? " chosen" : ""}`}
            role="treeitem"
            aria-level={depth + 1}
            aria-selected={id === selected}
            aria-label={spoken(node)}
            style={{ paddingLeft: `${8 + depth * 18}px` }}
            onClick={() => onSelect(id)}
            onContextMenu={(event) => {
              event.preventDefault();
              onSelect(id);
              onMenu(id, event.clientX, event.clientY);
            }}
          >
            <span class="planLineMark">{statusMarks[node.status]}</span> {node.intent}{" "}
            <span class="muted small">
              {under(node)}
              {(node.status === "pruned" || node.status === "failed" || node.status === "forbidden") &&
                ` · ${node.reason}`}
            </span>
          </div>
        );
      })}
    </div>
  );
}
