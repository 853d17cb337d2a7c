import "./heatmap.css";
import type { VNode } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Theme } from "../theme";
import type { Cell, CellSize, Grid, Viewport } from "./grid";
import { useSize } from "../hooks";
import { useTheme } from "../theme";
import { cellAt, cellBox } from "./grid";
import { GridPicture, paint } from "./paint";

export interface HeatmapProps {
  grid: Grid;
  /** Changes whenever the grid was changed in place. */
  version: number;
  size: CellSize;
  /** Pixels of the row labels and of the column labels; 0 leaves them out. */
  gutter?: number;
  header?: number;
  /** Spoken name of the whole picture, and of one cell. */
  label: string;
  describe: (cell: Cell) => string;
  selected?: Cell | null;
  onSelect?: (cell: Cell) => void;
  /** Enter or a click. */
  onPin?: (cell: Cell, box: DOMRect) => void;
  onHover?: (cell: Cell | null, box: DOMRect | null) => void;
  column?: number | null;
  /** Keeps the last column in view while it grows, until a person scrolls back. */
  follow?: boolean;
  /** Two heatmaps that pan together share one of these. */
  sync?: { left: number; top: number; listeners: Set<(left: number, top: number) => void> };
  /** Ctrl+wheel or +/-. */
  onZoom?: (direction: 1 | -1) => void;
  maxHeight?: number;
}

/**
 * A heatmap of any size. Scrolling is the browser's own over an empty box of the grid's full size; the canvas stays in
 * place and shows what is in view.
 */
export function Heatmap(props: HeatmapProps): VNode {
  const { grid, version, size, gutter = 56, header = 18, label, describe, selected = null, maxHeight } = props;
  const { onSelect, onPin, onHover, column = null, follow = false, sync, onZoom } = props;
  const theme: Theme = useTheme();
  const scroller = useRef<HTMLDivElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = useRef<GridPicture | null>(null);
  const frame = useRef(0);
  const atEnd = useRef(true);
  const [measure, box] = useSize<HTMLDivElement>();
  const [hovered, setHovered] = useState<Cell | null>(null);
  const [spoken, setSpoken] = useState("");

  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      scroller.current = element;
      measure(element);
    },
    [measure],
  );

  const viewport = (): Viewport => ({
    left: scroller.current?.scrollLeft ?? 0,
    top: scroller.current?.scrollTop ?? 0,
    width: scroller.current?.clientWidth ?? 0,
    height: scroller.current?.clientHeight ?? 0,
    gutter,
    header,
  });

  const draw = (): void => {
    frame.current = 0;
    const surface = canvas.current;
    const view = viewport();
    if (!surface || view.width === 0 || view.height === 0) return;
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(view.width * scale);
    const height = Math.round(view.height * scale);
    if (surface.width !== width || surface.height !== height) {
      surface.width = width;
      surface.height = height;
      surface.style.width = `${view.width}px`;
      surface.style.height = `${view.height}px`;
    }
    const context = surface.getContext("2d", { alpha: false });
    if (!context) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    picture.current ??= new GridPicture();
    paint(context, { grid, size, view, theme, selected, hovered, column }, picture.current);
  };
  const drawing = useRef(draw);
  drawing.current = draw;
  const redraw = useCallback(() => {
    frame.current ||= requestAnimationFrame(() => drawing.current());
  }, []);
  useLayoutEffect(redraw, [grid, version, size.width, size.height, theme, selected, hovered, column, box]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (follow && atEnd.current && element) element.scrollLeft = element.scrollWidth;
  }, [grid.columns, version, follow]);

  // The chosen cell is in view when a grid comes, and stays so when cells change size.
  useLayoutEffect(() => {
    if (selected && selected.column < grid.columns && box.width > 0) show(selected);
  }, [grid.columns, grid.rows, size.width, size.height, box.width > 0]);

  useEffect(() => {
    if (!sync) return;
    const move = (left: number, top: number): void => {
      const element = scroller.current;
      if (element && (element.scrollLeft !== left || element.scrollTop !== top)) element.scrollTo(left, top);
    };
    sync.listeners.add(move);
    move(sync.left, sync.top);
    return () => void sync.listeners.delete(move);
  }, [sync]);

  const onScroll = (): void => {
    const element = scroller.current!;
    atEnd.current = element.scrollLeft + element.clientWidth >= element.scrollWidth - 2;
    if (sync && (sync.left !== element.scrollLeft || sync.top !== element.scrollTop)) {
      sync.left = element.scrollLeft;
      sync.top = element.scrollTop;
      for (const listener of sync.listeners) listener(sync.left, sync.top);
    }
    redraw();
  };

  const boxOf = (cell: Cell): DOMRect => {
    const { x, y } = cellBox(size, viewport(), cell);
    const own = scroller.current!.getBoundingClientRect();
    return new DOMRect(own.left + x, own.top + y, size.width, size.height);
  };
  const under = (event: MouseEvent): Cell | null => {
    const own = scroller.current!.getBoundingClientRect();
    return cellAt(grid, size, viewport(), event.clientX - own.left, event.clientY - own.top);
  };
  const hover = (cell: Cell | null): void => {
    if (cell?.row === hovered?.row && cell?.column === hovered?.column) return;
    setHovered(cell);
    onHover?.(cell, cell && boxOf(cell));
  };
  const show = (cell: Cell): void => {
    const element = scroller.current!;
    const view = viewport();
    const { x, y } = cellBox(size, view, cell);
    if (x < gutter) element.scrollLeft += x - gutter;
    else if (x + size.width > view.width) element.scrollLeft += x + size.width - view.width;
    if (y < header) element.scrollTop += y - header;
    else if (y + size.height > view.height) element.scrollTop += y + size.height - view.height;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = selected ?? { row: 0, column: 0 };
    const steps: Record<string, Cell> = {
      ArrowLeft: { row: from.row, column: from.column - 1 },
      ArrowRight: { row: from.row, column: from.column + 1 },
      ArrowUp: { row: from.row - 1, column: from.column },
      ArrowDown: { row: from.row + 1, column: from.column },
      PageUp: { row: from.row - 10, column: from.column },
      PageDown: { row: from.row + 10, column: from.column },
      Home: { row: event.ctrlKey ? 0 : from.row, column: 0 },
      End: { row: event.ctrlKey ? grid.rows - 1 : from.row, column: grid.columns - 1 },
    };
    const step = steps[event.key];
    if (step) {
      const cell = {
        row: Math.max(0, Math.min(grid.rows - 1, step.row)),
        column: Math.max(0, Math.min(grid.columns - 1, step.column)),
      };
      setHovered(null);
      onHover?.(null, null);
      show(cell);
      onSelect?.(cell);
      setSpoken(describe(cell));
    } else if (event.key === "Enter" && selected) onPin?.(selected, boxOf(selected));
    else if (onZoom && (event.key === "+" || event.key === "=" || event.key === "-"))
      onZoom(event.key === "-" ? -1 : 1);
    else return;
    event.preventDefault();
  };
  const height = header + grid.rows * size.height;
  return (
    <div
      ref={attach}
      class="heatmap"
      style={{ maxHeight: maxHeight === undefined ? "100%" : `${maxHeight}px` }}
      role="application"
      aria-roledescription="heatmap"
      aria-label={label}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onMouseMove={(event) => hover(under(event))}
      onMouseLeave={() => hover(null)}
      onClick={(event) => {
        const cell = under(event);
        if (!cell) return;
        onSelect?.(cell);
        onPin?.(cell, boxOf(cell));
      }}
      onWheel={(event) => {
        if (!event.ctrlKey || !onZoom) return;
        event.preventDefault();
        onZoom(event.deltaY < 0 ? 1 : -1);
      }}
    >
      <div class="heatmapSize" style={{ width: `${gutter + grid.columns * size.width}px`, height: `${height}px` }}>
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <div class="hidden" role="status">
        {spoken}
      </div>
    </div>
  );
}
