import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { EmbeddingMapResult } from "../../src/contract/instruments";
import { figure, percent } from "../kit/format";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { useSize } from "../kit/hooks";
import { visible, visibleToken } from "../kit/visible";

const margin = 46;
const fontSize = 11;

interface Placed {
  x: number;
  y: number;
  label: { x: number; y: number; anchor: "start" | "end" };
}

/** Labels beside their points, on the side where they meet no other. */
function place(points: EmbeddingMapResult["points"], width: number, height: number): Placed[] {
  const span = (values: number[]): [number, number] => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return high > low ? [low, high] : [low - 1, high + 1];
  };
  const [x0, x1] = span(points.map(({ x }) => x));
  const [y0, y1] = span(points.map(({ y }) => y));
  const boxes: { left: number; right: number; y: number }[] = [];
  return points.map((point) => {
    const x = margin + ((point.x - x0) / (x1 - x0)) * (width - 2 * margin - 40);
    const y = height - margin - ((point.y - y0) / (y1 - y0)) * (height - 2 * margin);
    const long = Array.from(point.text).length * fontSize * 0.62;
    const options = [
      { x: x + 7, y: y + 4, anchor: "start" as const },
      { x: x - 7, y: y + 4, anchor: "end" as const },
      { x: x + 7, y: y - 8, anchor: "start" as const },
      { x: x + 7, y: y + 16, anchor: "start" as const },
    ];
    const boxOf = (each: (typeof options)[number]) => ({
      left: each.anchor === "start" ? each.x : each.x - long,
      right: each.anchor === "start" ? each.x + long : each.x,
      y: each.y,
    });
    const free = options.find((each) => {
      const own = boxOf(each);
      return (
        own.left > 0 &&
        own.right < width &&
        boxes.every((box) => own.right < box.left || own.left > box.right || Math.abs(own.y - box.y) > fontSize)
      );
    });
    const label = free ?? options[0]!;
    boxes.push(boxOf(label));
    return { x, y, label };
  });
}

/** The texts as points on the two directions in which they differ most; the same as a table. */
export function PointMap({ result }: { result: EmbeddingMapResult }): VNode {
  const [measure, size] = useSize<HTMLDivElement>();
  const [table, setTable] = useState(false);
  const { points, explained } = result;
  const width = Math.max(280, size.width);
  const height = Math.min(520, Math.max(300, width * 0.6));
  const placed = place(points, width, height);
  const axis = (n: 1 | 2): string => t("axisName", { n, share: percent(explained[n - 1]!) });
  return (
    <div class="section" ref={measure}>
      <div class="row">
        <span class="muted">{t("mapShares", { first: percent(explained[0]), second: percent(explained[1]) })}</span>
        <span class="grow" />
        <IconButton icon="table" label={t("showTable")} pressed={table} onClick={() => setTable(!table)} />
      </div>
      {table ? (
        <div class="tableBox">
          <table class="data compact">
            <thead>
              <tr>
                <th>{t("text")}</th>
                <th>{t("tokens")}</th>
                <th class="number">{axis(1)}</th>
                <th class="number">{axis(2)}</th>
              </tr>
            </thead>
            <tbody>
              {points.map((point, i) => (
                <tr key={i}>
                  <th scope="row">{visible(point.text)}</th>
                  <td class="mono">{point.tokens.map(visibleToken).join(" ")}</td>
                  <td class="number">{figure(point.x)}</td>
                  <td class="number">{figure(point.y)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <svg class="pointMap" width={width} height={height} role="img" aria-label={t("mapLabel", { n: points.length })}>
          <line class="axis" x1={margin - 16} y1={height - margin + 16} x2={width - 10} y2={height - margin + 16} />
          <line class="axis" x1={margin - 16} y1={10} x2={margin - 16} y2={height - margin + 16} />
          <text class="axisText" x={width - 12} y={height - 12} text-anchor="end">
            {axis(1)}
          </text>
          <text class="axisText" x={14} y={14} text-anchor="end" transform="rotate(-90 14 14)">
            {axis(2)}
          </text>
          {points.map((point, i) => {
            const { x, y, label } = placed[i]!;
            return (
              <g key={i} class="point">
                <title>{`${visible(point.text)} (${figure(point.x)}, ${figure(point.y)})`}</title>
                <circle cx={x} cy={y} r={4} />
                <text x={label.x} y={label.y} text-anchor={label.anchor} font-size={fontSize}>
                  {visible(point.text.trim())}
                </text>
              </g>
            );
          })}
        </svg>
      )}
      <p class="method">{t("mapMethod")}</p>
    </div>
  );
}
