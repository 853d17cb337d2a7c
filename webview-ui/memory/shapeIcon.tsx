import type { VNode } from "preact";
import { lookOf } from "./colours";
import type { DrawnKind } from "./model";
import type { Shape } from "./shapes";

/** Outlines in a box of 12, as the canvas draws them. */
export const outlines: Record<Exclude<Shape, "circle">, readonly (readonly [number, number])[]> = {
  square: [
    [1.5, 1.5],
    [10.5, 1.5],
    [10.5, 10.5],
    [1.5, 10.5],
  ],
  diamond: [
    [6, 0.2],
    [11.8, 6],
    [6, 11.8],
    [0.2, 6],
  ],
  triangle: [
    [6, 0.6],
    [11.6, 10.4],
    [0.4, 10.4],
  ],
  hexagon: [
    [3, 0.9],
    [9, 0.9],
    [11.9, 6],
    [9, 11.1],
    [3, 11.1],
    [0.1, 6],
  ],
};

/** The shape and colour of a kind, beside its name. */
export function ShapeIcon({ kind }: { kind: DrawnKind }): VNode {
  const { shape } = lookOf(kind);
  return (
    <svg class={`shapeIcon ${kind}`} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {shape === "circle" ? (
        <circle cx="6" cy="6" r="5.4" />
      ) : (
        <polygon points={outlines[shape].map((point) => point.join(",")).join(" ")} />
      )}
    </svg>
  );
}
