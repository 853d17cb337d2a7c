import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSize } from "../kit/hooks";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { useTheme } from "../kit/theme";
import { usePalette } from "./usePalette";
import type { Indexed } from "./graphData";
import { degree, neighboursOf, neighbourTowards } from "./graphData";
import type { Layout } from "./layout";
import type { Emphasis } from "./scene";
import { Scene } from "./scene";

const ways: Record<string, readonly [number, number]> = {
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** The graph as a picture that can be walked: by pointer, or by arrow keys from neighbour to neighbour. */
export function GraphCanvas(props: {
  graph: Indexed;
  layout: Layout;
  stamp: number;
  emphasis: Emphasis;
  onPick: (node: number, other: boolean) => void;
  onClear: () => void;
  /** Enter: what is selected is to be read. */
  onOpen: () => void;
  onLost: () => void;
}): VNode {
  const { graph, layout, stamp, emphasis, onPick, onClear, onOpen } = props;
  const theme = useTheme();
  const palette = usePalette(theme);
  const box = useRef<HTMLDivElement>(null);
  const scene = useRef<Scene | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [measure, size] = useSize<HTMLDivElement>();

  useEffect(() => {
    const made = new Scene(box.current!, theme, palette, {
      pick: (node, other) => latest.current.onPick(node, other),
      clear: () => latest.current.onClear(),
      lost: () => latest.current.onLost(),
    });
    scene.current = made;
    // For the bench, which moves the view as a drag does.
    Object.assign(box.current!, { pan: (x: number, y: number) => made.pan(x, y) });
    return () => {
      scene.current = null;
      made.kill();
    };
  }, []);
  useEffect(() => scene.current?.show(graph, layout, emphasis), [graph, layout]);
  useEffect(() => {
    if (stamp > 0) scene.current?.place(layout);
  }, [stamp]);
  useEffect(() => scene.current?.emphasise(emphasis), [emphasis]);
  useEffect(() => scene.current?.recolour(theme, palette), [theme]);
  useEffect(() => {
    if (size.width > 0) scene.current?.resize();
  }, [size]);
  useEffect(() => {
    const { selected } = emphasis;
    if (selected !== null && scene.current && !scene.current.sees(selected)) scene.current.lookAt(selected, true);
  }, [emphasis.selected, layout]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const way = ways[event.key];
    const { selected, pass } = emphasis;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (way) {
      const next = selected === null ? firstOf(graph, pass) : towards(graph, layout, pass, selected, way);
      if (next !== null) onPick(next, false);
    } else if (event.key === "Enter") {
      if (selected !== null) onOpen();
    } else if (event.key === "Escape") onClear();
    else if (event.key === "+" || event.key === "=") scene.current?.zoom(1 / 1.5);
    else if (event.key === "-") scene.current?.zoom(1.5);
    else if (event.key === "0") scene.current?.fit();
    else return;
    event.preventDefault();
  };
  return (
    <div class="canvasBox" ref={measure}>
      <div
        ref={box}
        class="canvas"
        tabIndex={0}
        role="application"
        aria-label={t("memoryCanvas", { nodes: graph.nodes.length, edges: graph.edges.length })}
        onKeyDown={onKeyDown}
      />
      <div class="zoomButtons">
        <IconButton icon="zoom-in" label={t("memoryZoomIn")} onClick={() => scene.current?.zoom(1 / 1.5)} />
        <IconButton icon="zoom-out" label={t("memoryZoomOut")} onClick={() => scene.current?.zoom(1.5)} />
        <IconButton icon="screen-full" label={t("memoryFit")} onClick={() => scene.current?.fit()} />
      </div>
    </div>
  );
}

/** Where arrow keys begin: the best connected node that is shown. */
function firstOf(graph: Indexed, pass: Uint8Array): number | null {
  let best: number | null = null;
  for (let i = 0; i < graph.nodes.length; i++) {
    if (pass[i] === 1 && (best === null || degree(graph, i) > degree(graph, best))) best = i;
  }
  return best;
}

function towards(
  graph: Indexed,
  { x, y }: Layout,
  pass: Uint8Array,
  from: number,
  way: readonly [number, number],
): number | null {
  const candidates = neighboursOf(graph, from).filter((other) => pass[other] === 1);
  return neighbourTowards(candidates, from, way, x, y);
}
