import Graph from "graphology";
import Sigma from "sigma";
import { EdgeLineProgram, EdgeRectangleProgram } from "sigma/rendering";
import type { Settings } from "sigma/settings";
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import type { Theme } from "../kit/theme";
import { css, mix } from "../kit/theme";
import type { Palette } from "./colours";
import { hex, lookOf } from "./colours";
import type { Indexed } from "./graphData";
import { degree } from "./graphData";
import type { Positions } from "./layout";
import type { DrawnKind } from "./model";
import { shortText } from "./nodeText";
import { ShapeProgram, type ShapeData } from "./shapes";

/** What of the graph stands out now. */
export interface Emphasis {
  /** 1 for nodes that are shown at all. */
  pass: Uint8Array;
  selected: number | null;
  /** Nodes that keep their colour while the others fade; null when all do. */
  lit: ReadonlySet<number> | null;
  /** Nodes of a path in order. */
  path: readonly number[];
  /** What the last answer was given. */
  read: ReadonlySet<number>;
}

export interface SceneEvents {
  pick(node: number, other: boolean): void;
  clear(): void;
  lost(): void;
}

/** From here on a graph is large: labels are fewer, lines are thin and rest while it is moved. */
const large = 3_000;

export function webGlWorks(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

/** Sigma on one element: draws what it is told, and tells what is clicked. */
export class Scene {
  private readonly drawn = new Graph({ type: "directed", multi: true });
  private readonly sigma: Sigma;
  private graph: Indexed | null = null;
  private emphasis: Emphasis | null = null;
  private palette: Palette;
  private faded: string[] = [];

  constructor(
    container: HTMLElement,
    private theme: Theme,
    palette: Palette,
    events: SceneEvents,
  ) {
    this.palette = palette;
    this.sigma = new Sigma(this.drawn, container, {
      ...this.themed(),
      defaultNodeType: "shape",
      nodeProgramClasses: { shape: ShapeProgram },
      nodeHoverProgramClasses: { shape: ShapeProgram },
      defaultEdgeType: "line",
      edgeProgramClasses: { line: EdgeLineProgram, band: EdgeRectangleProgram },
      nodeReducer: (key, place) => ({ ...place, ...this.nodeLook(Number(key)) }),
      edgeReducer: (key) => this.edgeLook(Number(key)),
      zIndex: true,
      // A panel that is hidden has no size; it is drawn when it has one.
      allowInvalidContainer: true,
      minEdgeThickness: 1,
      stagePadding: 28,
      labelSize: 12,
      labelGridCellSize: 110,
      labelRenderedSizeThreshold: 5,
      doubleClickZoomingRatio: 1.8,
      minCameraRatio: 0.004,
      maxCameraRatio: 3,
      defaultDrawNodeLabel: (context, data, settings) => this.drawLabel(context, data, settings, false),
      defaultDrawNodeHover: (context, data, settings) => this.drawLabel(context, data, settings, true),
    });
    this.sigma.on("clickNode", ({ node, event }) => {
      const { original } = event;
      events.pick(Number(node), "shiftKey" in original && original.shiftKey);
    });
    this.sigma.on("clickStage", () => events.clear());
    this.sigma.on("enterNode", () => container.classList.add("onNode"));
    this.sigma.on("leaveNode", () => container.classList.remove("onNode"));
    for (const canvas of container.querySelectorAll("canvas")) {
      // Sigma's own canvases are pictures of what the list says in words.
      canvas.setAttribute("aria-hidden", "true");
      canvas.addEventListener("webglcontextlost", () => events.lost());
    }
  }

  /** Takes a graph with its first places. */
  show(graph: Indexed, places: Positions, emphasis: Emphasis): void {
    this.graph = graph;
    this.emphasis = emphasis;
    this.drawn.clear();
    graph.nodes.forEach((_, i) => this.drawn.addNode(i, { x: places.x[i]!, y: places.y[i]! }));
    graph.edges.forEach(({ from, to }, i) => this.drawn.addEdgeWithKey(i, from, to));
    const many = graph.nodes.length > large;
    this.sigma.setSetting("hideEdgesOnMove", many);
    // Labels stand to the right of their nodes.
    this.sigma.setSetting("stagePadding", graph.nodes.length <= 400 ? 90 : 30);
    this.sigma.setSetting("labelDensity", many ? 0.5 : 1.2);
    this.sigma.setSetting("labelRenderedSizeThreshold", many ? 7 : graph.nodes.length > 400 ? 6 : 3);
  }

  place(places: Positions): void {
    this.drawn.updateEachNodeAttributes((key, attributes) => {
      attributes["x"] = places.x[Number(key)]!;
      attributes["y"] = places.y[Number(key)]!;
      return attributes;
    });
  }

  emphasise(emphasis: Emphasis): void {
    this.emphasis = emphasis;
    this.sigma.refresh({ skipIndexation: false });
  }

  recolour(theme: Theme, palette: Palette): void {
    this.theme = theme;
    this.palette = palette;
    this.sigma.setSettings(this.themed());
  }

  fit(): void {
    this.animate({ x: 0.5, y: 0.5, ratio: 1 });
  }

  zoom(factor: number): void {
    this.animate({ ratio: this.sigma.getCamera().getBoundedRatio(this.sigma.getCamera().ratio * factor) });
  }

  /** Moves a node into view; nearer when the view is far off. */
  lookAt(node: number, near = false): void {
    const data = this.sigma.getNodeDisplayData(node);
    if (!data) return;
    const { ratio } = this.sigma.getCamera();
    this.animate({ x: data.x, y: data.y, ratio: near ? Math.min(ratio, this.nearRatio()) : ratio });
  }

  /** The node is within the inner four fifths of what is shown. */
  sees(node: number): boolean {
    const data = this.sigma.getNodeDisplayData(node);
    if (!data) return false;
    const { x, y } = this.sigma.framedGraphToViewport(data);
    const { width, height } = this.sigma.getDimensions();
    return x > width * 0.1 && x < width * 0.9 && y > height * 0.1 && y < height * 0.9;
  }

  resize(): void {
    this.sigma.resize();
    this.sigma.refresh({ skipIndexation: true });
  }

  /** For measuring: moves the view by a share of its width, as a drag does. */
  pan(x: number, y: number): void {
    const camera = this.sigma.getCamera();
    camera.setState({ x: camera.x + x * camera.ratio, y: camera.y + y * camera.ratio });
  }

  kill(): void {
    this.sigma.kill();
  }

  /** So near that about forty nodes of a spread graph are seen. */
  private nearRatio(): number {
    return Math.max(0.03, Math.min(1, Math.sqrt(60 / Math.max(60, this.drawn.order))));
  }

  private animate(state: { x?: number; y?: number; ratio?: number }): void {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const camera = this.sigma.getCamera();
    if (still) camera.setState(state);
    else void camera.animate(state, { duration: 220 });
  }

  private themed(): Partial<Settings> {
    const { palette, theme } = this;
    this.faded = [];
    for (const [kind, colour] of Object.entries(palette.kinds)) {
      this.faded[lookIndex(kind as DrawnKind)] = hex(mix(palette.background, colour, 0.18));
    }
    return {
      labelFont: theme.font,
      labelColor: { color: hex(palette.text) },
      defaultEdgeColor: hex(palette.edge),
    };
  }

  private nodeLook(i: number): Partial<NodeDisplayData> {
    const { graph, emphasis, palette } = this;
    const node = graph?.nodes[i];
    if (!graph || !node || !emphasis) return { hidden: true };
    if (emphasis.pass[i] === 0) return { hidden: true };
    const { shape } = lookOf(node.kind);
    const lit = emphasis.lit === null || emphasis.lit.has(i);
    const chosen = emphasis.selected === i;
    const onPath = emphasis.path.includes(i);
    const own = palette.kinds[node.kind];
    const full = !node.closed ? own : mix(palette.background, own, 0.45);
    const color = lit ? hex(full) : this.faded[lookIndex(node.kind)]!;
    const ring = !lit
      ? color
      : chosen
        ? hex(palette.text)
        : emphasis.read.has(i) || onPath
          ? hex(palette.read)
          : node.pinned
            ? hex(palette.text)
            : color;
    const marked = lit && (chosen || onPath || emphasis.read.has(i));
    const data: Partial<ShapeData> = {
      type: "shape",
      shape,
      color,
      ring,
      size: this.sizeOf(i) * (marked ? 1.5 : 1),
      label: lit ? shortText(node.text) : "",
      forceLabel: marked || (emphasis.lit !== null && lit && emphasis.lit.size <= 24),
      highlighted: chosen,
      zIndex: chosen ? 4 : marked ? 3 : !lit ? 0 : node.kind === "community" ? 1 : 2,
    };
    return data;
  }

  private sizeOf(i: number): number {
    const graph = this.graph!;
    const count = graph.nodes.length;
    const base = count > large ? 2 : count > 400 ? 3.2 : 5.5;
    // A community has as many edges as members: its size would hide them.
    if (graph.nodes[i]!.kind === "community") return base * 1.5;
    const grown = base + Math.sqrt(degree(graph, i)) * (count > large ? 0.35 : 0.75);
    return Math.min(base * 3, grown);
  }

  private edgeLook(i: number): Partial<EdgeDisplayData> {
    const { graph, emphasis, palette } = this;
    const edge = graph?.edges[i];
    if (!edge || !emphasis) return { hidden: true };
    const { from, to } = edge;
    if (emphasis.pass[from] === 0 || emphasis.pass[to] === 0) return { hidden: true };
    const step = emphasis.path.indexOf(from);
    const onPath = step >= 0 && (emphasis.path[step + 1] === to || emphasis.path[step - 1] === to);
    if (onPath) return { type: "band", color: hex(palette.read), size: 3, zIndex: 2 };
    const { lit, selected } = emphasis;
    if (selected !== null && (from === selected || to === selected) && lit?.has(from) && lit.has(to)) {
      return { type: "band", color: hex(palette.strongEdge), size: 1.4, zIndex: 1 };
    }
    // In a large graph who belongs together is told by place; these lines would hide the rest.
    if (edge.kind === "member" && (graph.nodes.length > 400 || lit !== null)) return { hidden: true };
    if (edge.kind === "member") {
      return { type: "line", color: hex(mix(palette.background, palette.edge, 0.45)), size: 1, zIndex: 0 };
    }
    if (lit !== null && !(lit.has(from) && lit.has(to))) {
      return { type: "line", color: hex(mix(palette.background, palette.edge, 0.35)), size: 1, zIndex: 0 };
    }
    return { type: "line", color: hex(palette.edge), size: 1, zIndex: 0 };
  }

  private drawLabel(
    context: CanvasRenderingContext2D,
    data: { x: number; y: number; size: number; label: string | null },
    { labelSize, labelFont, labelWeight }: Settings,
    boxed: boolean,
  ): void {
    if (!data.label) return;
    const { background, text, focus } = this.palette;
    context.font = `${labelWeight} ${labelSize}px ${labelFont}`;
    const x = data.x + data.size + 4;
    const y = data.y + labelSize / 3;
    if (boxed) {
      const width = context.measureText(data.label).width + 10;
      context.fillStyle = css(background);
      context.strokeStyle = css(focus);
      context.lineWidth = 1;
      context.beginPath();
      context.roundRect(x - 5, data.y - labelSize / 2 - 5, width, labelSize + 10, 3);
      context.fill();
      context.stroke();
    } else {
      context.strokeStyle = css(background, 0.85);
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeText(data.label, x, y);
    }
    context.fillStyle = css(text);
    context.fillText(data.label, x, y);
  }
}

const order: DrawnKind[] = ["record", "experience", "thought", "entity", "community"];

function lookIndex(kind: DrawnKind): number {
  return order.indexOf(kind);
}
