import "uplot/dist/uPlot.min.css";
import "./curve.css";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { figure } from "./format";
import { useSize } from "./hooks";
import { css, useTheme } from "./theme";

export interface Series {
  name: string;
  values: (number | null)[];
  colour: "accent" | "warm" | "muted";
  /** `right` has a scale of its own. */
  side?: "left" | "right";
  dashed?: boolean;
  bars?: boolean;
}

function widened(x: readonly number[]): [number, number] {
  const half = (x[1]! - x[0]!) / 2;
  return [x[0]! - half, x.at(-1)! + half];
}

/** Curves (or bars) over one axis. The numbers themselves stand in a table beside it, for everybody. */
export function Curve(props: {
  label: string;
  x: number[];
  xLabel: string;
  yLabel: string;
  rightLabel?: string;
  series: Series[];
  /** Ends of the left scale; fitted when absent. */
  range?: [number, number];
  height?: number;
}): VNode {
  const { label, x, xLabel, yLabel, rightLabel, series, range, height = 220 } = props;
  const box = useRef<HTMLDivElement | null>(null);
  const [measure, size] = useSize<HTMLDivElement>();
  const theme = useTheme();
  useEffect(() => {
    if (!box.current || size.width < 50) return;
    const colours = { accent: css(theme.accent), warm: css(theme.warm), muted: css(theme.muted) };
    const axis = (scale: string, name: string, side: 1 | 2 | 3): uPlot.Axis => ({
      scale,
      label: name,
      side,
      stroke: css(theme.foreground),
      font: `11px ${theme.font}`,
      labelFont: `11px ${theme.font}`,
      labelSize: 18,
      size: side === 2 ? 30 : 46,
      grid: { show: side !== 1, stroke: css(theme.border), width: 1 },
      ticks: { stroke: css(theme.border), width: 1, size: 4 },
    });
    const options: uPlot.Options = {
      width: size.width,
      height,
      legend: { show: true, live: false },
      cursor: { drag: { x: false, y: false } },
      scales: {
        // Bars stand about their middles: the first and the last need half a step beside them.
        x: { time: false, ...(series.some(({ bars }) => bars) && x.length > 1 && { range: widened(x) }) },
        left: range ? { range } : {},
        right: { range: (_, low, high) => [Math.min(0, low), high === low ? high + 1 : high * 1.05] },
      },
      axes: [
        axis("x", xLabel, 2),
        axis("left", yLabel, 3),
        ...(rightLabel === undefined ? [] : [{ ...axis("right", rightLabel, 1), grid: { show: false } }]),
      ],
      series: [
        {},
        ...series.map(({ name, colour, side = "left", dashed = false, bars = false }, i): uPlot.Series => ({
          label: name,
          scale: side,
          stroke: colours[colour],
          width: 2,
          ...(dashed && { dash: [5, 4] }),
          points: { show: !bars, size: 5, fill: colours[colour] },
          ...(bars && {
            fill: colours[colour],
            paths: uPlot.paths.bars!({
              size: [series.length === 1 ? 0.8 : 0.42, 60],
              align: series.length === 1 ? 0 : i === 0 ? -1 : 1,
            }),
          }),
          value: (_, value) => (value === null ? "–" : figure(value)),
        })),
      ],
    };
    const plot = new uPlot(options, [x, ...series.map(({ values }) => values)], box.current);
    return () => plot.destroy();
  }, [size.width, theme, x, series, range, height, xLabel, yLabel, rightLabel]);
  return (
    <div
      class="curve"
      role="img"
      aria-label={label}
      ref={(element) => {
        box.current = element;
      }}
    >
      <div ref={measure} class="curveSize" />
    </div>
  );
}
