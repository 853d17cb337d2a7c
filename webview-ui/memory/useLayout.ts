import { useEffect, useMemo, useState } from "preact/hooks";
import type { Indexed } from "./graphData";
import { Layout } from "./layout";

/** Main-thread time of one slice, in milliseconds: two thirds of a frame stay free for panning. */
const sliceMs = 6;
/** A large graph is drawn anew this often while it settles; a small one at every slice. */
const showMs = 600;

/**
 * Lays a graph out a slice at a time between frames. `stamp` grows whenever the places should be drawn anew; `settled` is
 * called once with the final places.
 */
export function useLayout(
  graph: Indexed,
  known: Readonly<Record<string, readonly [number, number]>>,
  settled: (layout: Layout) => void,
): { layout: Layout; stamp: number; fraction: number } {
  const layout = useMemo(() => new Layout(graph, known), [graph]);
  const [stamp, setStamp] = useState(0);
  useEffect(() => {
    if (layout.done) return;
    const quick = graph.nodes.length <= 1_500 && !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    let timer = 0;
    let shown = performance.now();
    const go = (): void => {
      const done = layout.advance(sliceMs);
      const now = performance.now();
      if (done || quick || now - shown > showMs) {
        shown = now;
        setStamp((before) => before + 1);
      }
      if (done) settled(layout);
      else timer = window.setTimeout(go, quick ? 16 : 2);
    };
    timer = window.setTimeout(go, 0);
    return () => clearTimeout(timer);
  }, [layout]);
  return { layout, stamp, fraction: layout.fraction };
}
