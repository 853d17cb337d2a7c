import "./virtualList.css";
import type { VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** Rows drawn above and below what is seen. */
const spare = 6;

/**
 * A list of any length: only the rows in view are in the page. Arrow keys, Page Up and Down, Home and End walk it; the
 * chosen row is told by `aria-activedescendant`, its place by `aria-posinset`.
 */
export function VirtualList(props: {
  label: string;
  count: number;
  rowHeight: number;
  height: number;
  /** Index of the chosen row, -1 for none. */
  chosen: number;
  onChoose: (index: number) => void;
  row: (index: number) => VNode;
  rowLabel: (index: number) => string;
  /** Told which rows are in view, so that they can be fetched. */
  onView?: (from: number, to: number) => void;
}): VNode {
  const { label, count, rowHeight, height, chosen, onChoose, row, rowLabel, onView } = props;
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const id = useId();
  const most = Math.max(0, count * rowHeight - height);
  const at = Math.min(top, most);
  const from = Math.max(0, Math.floor(at / rowHeight) - spare);
  const to = Math.min(count, Math.ceil((at + height) / rowHeight) + spare);
  useEffect(() => onView?.(from, to), [from, to, count, onView]);
  const show = (index: number): void => {
    const element = box.current;
    if (!element) return;
    const begin = index * rowHeight;
    if (begin < element.scrollTop) element.scrollTop = begin;
    else if (begin + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = begin + rowHeight - element.clientHeight;
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: count - 1,
    };
    const step = steps[event.key];
    if (step === undefined || count === 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(count - 1, step));
    show(index);
    onChoose(index);
  };
  const drawn = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return (
    <div
      ref={box}
      class="virtualList"
      style={{ height: `${height}px` }}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={chosen >= from && chosen < to ? `${id}-${chosen}` : undefined}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: `${count * rowHeight}px` }}>
        {drawn.map((index) => (
          <div
            key={index}
            id={`${id}-${index}`}
            class={`virtualRow${index === chosen ? " chosen" : ""}`}
            role="option"
            aria-selected={index === chosen}
            aria-setsize={count}
            aria-posinset={index + 1}
            aria-label={rowLabel(index)}
            style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
            onClick={() => onChoose(index)}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
