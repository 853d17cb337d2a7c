import type { Rgb } from "../kit/theme";
import { css } from "../kit/theme";
import type { Palette } from "./colours";
import { lookOf } from "./colours";
import type { Indexed } from "./graphData";
import { degree } from "./graphData";
import type { Positions } from "./layout";
import { shortText } from "./nodeText";
import { outlines } from "./shapeIcon";

/** A picture of the shown graph as plain marks, which a canvas and an SVG file draw alike. Lengths in pixels. */
export interface Picture {
  width: number;
  height: number;
  background: Rgb;
  text: Rgb;
  lines: { x1: number; y1: number; x2: number; y2: number; colour: Rgb }[];
  shapes: { x: number; y: number; r: number; outline: readonly (readonly [number, number])[] | null; colour: Rgb }[];
  labels: { x: number; y: number; text: string }[];
}

const fontSize = 12;
/** Labels in a picture: the best connected nodes have them, where they do not lie over each other. */
const mostLabels = 150;

export function pictureOf(
  graph: Indexed,
  { x, y }: Positions,
  pass: Uint8Array,
  palette: Palette,
  width = 1600,
  height = 1100,
): Picture {
  const shown = graph.nodes.map((_, i) => i).filter((i) => pass[i] === 1);
  const span = (values: Float64Array): [number, number] => {
    let [low, high] = [Infinity, -Infinity];
    for (const i of shown) [low, high] = [Math.min(low, values[i]!), Math.max(high, values[i]!)];
    return high > low ? [low, high] : [low - 1, low + 1];
  };
  const [x0, x1] = span(x);
  const [y0, y1] = span(y);
  const margin = 60;
  const scale = Math.min((width - 2 * margin) / (x1 - x0), (height - 2 * margin) / (y1 - y0));
  const px = (i: number): number => width / 2 + (x[i]! - (x0 + x1) / 2) * scale;
  const py = (i: number): number => height / 2 - (y[i]! - (y0 + y1) / 2) * scale;
  const many = shown.length > 3_000;
  const base = many ? 2 : shown.length > 400 ? 3.2 : 6;
  const radius = (i: number): number =>
    graph.nodes[i]!.kind === "community"
      ? base * 1.5
      : Math.min(base * 3, base + Math.sqrt(degree(graph, i)) * (many ? 0.35 : 0.75));
  const labels: Picture["labels"] = [];
  const boxes: [number, number, number, number][] = [];
  for (const i of [...shown].sort((a, b) => degree(graph, b) - degree(graph, a))) {
    if (labels.length >= mostLabels) break;
    const text = shortText(graph.nodes[i]!.text);
    const left = px(i) + radius(i) + 4;
    const box: [number, number, number, number] = [left, py(i) - 8, left + text.length * fontSize * 0.6, py(i) + 8];
    const clear = boxes.every((b) => box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3]);
    if (!clear || box[2] > width) continue;
    boxes.push(box);
    labels.push({ x: left, y: py(i) + fontSize / 3, text });
  }
  return {
    width,
    height,
    background: palette.background,
    text: palette.text,
    lines: graph.edges
      .filter(({ from, to, kind }) => kind !== "member" && pass[from] === 1 && pass[to] === 1)
      .map(({ from, to }) => ({ x1: px(from), y1: py(from), x2: px(to), y2: py(to), colour: palette.edge })),
    shapes: shown.map((i) => {
      const { kind } = graph.nodes[i]!;
      const { shape } = lookOf(kind);
      return {
        x: px(i),
        y: py(i),
        r: radius(i),
        outline: shape === "circle" ? null : outlines[shape],
        colour: palette.kinds[kind],
      };
    }),
    labels,
  };
}

export function paint(picture: Picture, font: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const ratio = 2;
  canvas.width = picture.width * ratio;
  canvas.height = picture.height * ratio;
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  context.fillStyle = css(picture.background);
  context.fillRect(0, 0, picture.width, picture.height);
  context.lineWidth = 0.7;
  for (const { x1, y1, x2, y2, colour } of picture.lines) {
    context.strokeStyle = css(colour);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
  for (const { x, y, r, outline, colour } of picture.shapes) {
    context.fillStyle = css(colour);
    context.beginPath();
    if (outline === null) context.arc(x, y, r, 0, Math.PI * 2);
    else outline.forEach(([a, b]) => context.lineTo(x + ((a - 6) / 6) * r, y + ((b - 6) / 6) * r));
    context.fill();
  }
  context.font = `${fontSize}px ${font}`;
  context.lineJoin = "round";
  for (const { x, y, text } of picture.labels) {
    context.strokeStyle = css(picture.background, 0.85);
    context.lineWidth = 3;
    context.strokeText(text, x, y);
    context.fillStyle = css(picture.text);
    context.fillText(text, x, y);
  }
  return canvas;
}

const digits = (value: number): string => value.toFixed(1);

export function svgOf(picture: Picture): string {
  const { width, height } = picture;
  const lines = picture.lines.map(
    ({ x1, y1, x2, y2, colour }) =>
      `<line x1="${digits(x1)}" y1="${digits(y1)}" x2="${digits(x2)}" y2="${digits(y2)}" stroke="${svgColour(colour)}"/>`,
  );
  const shapes = picture.shapes.map(({ x, y, r, outline, colour }) => {
    const fill = `fill="${svgColour(colour)}"`;
    if (outline === null) return `<circle cx="${digits(x)}" cy="${digits(y)}" r="${digits(r)}" ${fill}/>`;
    const points = outline.map(([a, b]) => `${digits(x + ((a - 6) / 6) * r)},${digits(y + ((b - 6) / 6) * r)}`);
    return `<polygon points="${points.join(" ")}" ${fill}/>`;
  });
  const halo = `stroke="${svgColour(picture.background)}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"`;
  const labels = picture.labels.map(
    ({ x, y, text }) => `<text x="${digits(x)}" y="${digits(y)}" ${halo}>${xmlText(text)}</text>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" fill="${svgColour(picture.background)}"/>
<g stroke-width="0.7">${lines.join("\n")}</g>
<g>${shapes.join("\n")}</g>
<g font-family="sans-serif" font-size="${fontSize}" fill="${svgColour(picture.text)}">${labels.join("\n")}</g>
</svg>
`;
}

/** GraphML 1.0 (graphdrawing.org) of the shown nodes and the edges among them, with their places. */
export function graphMl(graph: Indexed, { x, y }: Positions, pass: Uint8Array): string {
  const keys = [
    ["kind", "node", "string"],
    ["text", "node", "string"],
    ["created", "node", "string"],
    ["closed", "node", "string"],
    ["run", "node", "string"],
    ["community", "node", "string"],
    ["pinned", "node", "boolean"],
    ["x", "node", "double"],
    ["y", "node", "double"],
    ["edgeKind", "edge", "string"],
    ["label", "edge", "string"],
    ["edgeClosed", "edge", "string"],
  ];
  const data = (key: string, value: string | number | boolean | undefined): string =>
    value === undefined ? "" : `<data key="${key}">${xmlText(String(value))}</data>`;
  const nodes = graph.nodes.flatMap(({ id, kind, text, created, closed, run, community, pinned }, i) =>
    pass[i] === 0
      ? []
      : [
          `<node id="${xmlText(id)}">${data("kind", kind)}${data("text", text)}${data("created", created)}${data("closed", closed)}${data("run", run)}${data("community", community)}${data("pinned", pinned)}${data("x", x[i])}${data("y", y[i])}</node>`,
        ],
  );
  const edges = graph.edges.flatMap(({ from, to, kind, label, closed }) =>
    pass[from] === 0 || pass[to] === 0
      ? []
      : [
          `<edge source="${xmlText(graph.nodes[from]!.id)}" target="${xmlText(graph.nodes[to]!.id)}">${data("edgeKind", kind)}${data("label", label)}${data("edgeClosed", closed)}</edge>`,
        ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
${keys.map(([id, domain, type]) => `<key id="${id}" for="${domain}" attr.name="${id}" attr.type="${type}"/>`).join("\n")}
<graph edgedefault="directed">
${[...nodes, ...edges].join("\n")}
</graph>
</graphml>
`;
}

function svgColour(colour: Rgb): string {
  return `rgb(${colour.map(Math.round).join(",")})`;
}

/** Text inside XML 1.0: markup written out, and what XML cannot hold (controls, lone surrogates) replaced. */
export function xmlText(text: string): string {
  return (
    text
      // A half of a pair alone is no character.
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")

      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)
  );
}
