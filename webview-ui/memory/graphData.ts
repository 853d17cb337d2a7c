import type { DrawnEdge, DrawnKind, DrawnNode } from "./model";

/** The graph by indices: nodes and edges as given, and for each node where its edges lie in `links` and `others`. */
export interface Indexed {
  nodes: readonly DrawnNode[];
  edges: readonly Edge[];
  index: ReadonlyMap<string, number>;
  /** Edges of node i are `links[starts[i] .. starts[i + 1] - 1]`; `others` names the node at the far end. */
  starts: Int32Array;
  links: Int32Array;
  others: Int32Array;
}

export interface Edge extends Omit<DrawnEdge, "from" | "to"> {
  from: number;
  to: number;
}

/** Edges whose ends are not there, loops and a second node of the same id are left out. */
export function indexed({ nodes, edges }: { nodes: readonly DrawnNode[]; edges: readonly DrawnEdge[] }): Indexed {
  const index = new Map<string, number>();
  const kept: DrawnNode[] = [];
  for (const node of nodes) {
    if (index.has(node.id)) continue;
    index.set(node.id, kept.length);
    kept.push(node);
  }
  const between: Edge[] = [];
  for (const edge of edges) {
    const from = index.get(edge.from);
    const to = index.get(edge.to);
    if (from !== undefined && to !== undefined && from !== to) between.push({ ...edge, from, to });
  }
  const starts = new Int32Array(kept.length + 1);
  for (const { from, to } of between) {
    starts[from + 1]!++;
    starts[to + 1]!++;
  }
  for (let i = 0; i < kept.length; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const links = new Int32Array(between.length * 2);
  const others = new Int32Array(between.length * 2);
  between.forEach(({ from, to }, i) => {
    others[next[from]!] = to;
    links[next[from]!++] = i;
    others[next[to]!] = from;
    links[next[to]!++] = i;
  });
  return { nodes: kept, edges: between, index, starts, links, others };
}

export function degree(graph: Indexed, node: number): number {
  return graph.starts[node + 1]! - graph.starts[node]!;
}

/** Nodes one edge away, each once, in the order of the edges. */
export function neighboursOf(graph: Indexed, node: number): number[] {
  return [...new Set(graph.others.subarray(graph.starts[node]!, graph.starts[node + 1]!))];
}

export interface Filter {
  /** Kinds that are left out. */
  hidden: readonly DrawnKind[];
  /** Only what is younger than this many days. */
  days: number | null;
  run: string | null;
  /** Also what holds no longer. */
  closed: boolean;
}

export const openFilter: Filter = { hidden: [], days: null, run: null, closed: true };

const dayMs = 86_400_000;

/** 1 for each node that the filter lets through. Communities and entities have no run: they stay where a member does. */
export function passing(graph: Indexed, filter: Filter, now: number): Uint8Array {
  const { nodes } = graph;
  const hidden = new Set(filter.hidden);
  const from = filter.days === null ? -Infinity : now - filter.days * dayMs;
  const pass = new Uint8Array(nodes.length);
  nodes.forEach((node, i) => {
    const young = !(Date.parse(node.created) < from);
    if (!hidden.has(node.kind) && young && (filter.closed || !node.closed)) pass[i] = 1;
  });
  if (filter.run === null) return pass;
  const ofRun = nodes.map(({ run }) => run === filter.run);
  nodes.forEach(({ kind, run }, i) => {
    const shared = kind === "entity" || kind === "community" || kind === "thought";
    const near = run === undefined && shared && neighboursOf(graph, i).some((other) => ofRun[other]);
    if (!ofRun[i] && !near) pass[i] = 0;
  });
  return pass;
}

/** Nodes whose text holds every word of the query, whatever the case. All of them for a query of blanks. */
export function matching(graph: Indexed, query: string): Uint8Array {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = new Uint8Array(graph.nodes.length);
  graph.nodes.forEach(({ text }, i) => {
    const low = text.toLocaleLowerCase();
    if (words.every((word) => low.includes(word))) found[i] = 1;
  });
  return found;
}

/** Runs that something came from, the latest first. */
export function runsOf(graph: Indexed): string[] {
  const latest = new Map<string, string>();
  for (const { run, created } of graph.nodes) {
    if (run !== undefined && created > (latest.get(run) ?? "")) latest.set(run, created);
  }
  return [...latest].sort(([, a], [, b]) => (a < b ? 1 : -1)).map(([run]) => run);
}

/**
 * A shortest path as node indices, both ends included, over nodes that `pass`; null where there is none. What holds no
 * longer and communities are walked only where nothing else leads there: a path through "everything of this topic" says little.
 */
export function pathBetween(graph: Indexed, from: number, to: number, pass: Uint8Array): number[] | null {
  const strict = search(graph, from, to, (node, edge) => {
    const { kind, closed } = graph.edges[edge]!;
    if (kind === "member" || closed) return false;
    return node === to || (pass[node] === 1 && !graph.nodes[node]!.closed);
  });
  return strict ?? search(graph, from, to, (node) => node === to || pass[node] === 1);
}

/** Breadth first; `may` says whether `node` may be entered over `edge`. */
function search(
  graph: Indexed,
  from: number,
  to: number,
  may: (node: number, edge: number) => boolean,
): number[] | null {
  if (from === to) return [from];
  const before = new Int32Array(graph.nodes.length).fill(-1);
  before[from] = from;
  let wave = [from];
  while (wave.length > 0) {
    const next: number[] = [];
    for (const node of wave) {
      for (let at = graph.starts[node]!; at < graph.starts[node + 1]!; at++) {
        const other = graph.others[at]!;
        if (before[other] !== -1 || !may(other, graph.links[at]!)) continue;
        before[other] = node;
        if (other === to) return walkBack(before, to);
        next.push(other);
      }
    }
    wave = next;
  }
  return null;
}

function walkBack(before: Int32Array, to: number): number[] {
  const path = [to];
  for (let at = to; before[at] !== at;) {
    at = before[at]!;
    path.unshift(at);
  }
  return path;
}

/** The edge that joins two nodes, a relation before others; -1 where there is none. */
export function edgeBetween(graph: Indexed, a: number, b: number): number {
  let found = -1;
  for (let at = graph.starts[a]!; at < graph.starts[a + 1]!; at++) {
    if (graph.others[at] !== b) continue;
    const edge = graph.links[at]!;
    if (graph.edges[edge]!.kind === "relation") return edge;
    if (found === -1) found = edge;
  }
  return found;
}

/**
 * The neighbour that an arrow key leads to: the one nearest to that direction, and of those in about the same direction the
 * closest. null where no neighbour lies that way. `way` is a unit vector, y upwards as the layout has it.
 */
export function neighbourTowards(
  candidates: readonly number[],
  at: number,
  way: readonly [number, number],
  x: Float64Array,
  y: Float64Array,
): number | null {
  let best: number | null = null;
  let lowest = Infinity;
  for (const other of candidates) {
    const dx = x[other]! - x[at]!;
    const dy = y[other]! - y[at]!;
    const along = dx * way[0] + dy * way[1];
    const far = Math.hypot(dx, dy);
    // Within about 75 degrees of the key's direction.
    if (far === 0 || along / far < 0.26) continue;
    const cost = far * (2 - along / far) ** 2;
    if (cost < lowest) [best, lowest] = [other, cost];
  }
  return best;
}
