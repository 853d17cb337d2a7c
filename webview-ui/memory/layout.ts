import { packSiblings } from "d3-hierarchy";
import type { Indexed } from "./graphData";
import { degree, neighboursOf } from "./graphData";

/** Where each node lies, by index. The unit is about the distance between two neighbours. */
export interface Positions {
  x: Float64Array;
  y: Float64Array;
}

const golden = Math.PI * (3 - Math.sqrt(5));

/**
 * The layout is a plan and its refinement. The plan is direct: nodes lie in discs, one a community, by falling degree on a
 * sunflower's spiral, and the discs are packed. The refinement pulls what is connected together and pushes apart what is
 * near (forces as of Fruchterman & Reingold 1991, repulsion within a grid's cell and its neighbours only), so that a step
 * costs the same for each node however many there are. Both are deterministic: the same graph looks the same everywhere.
 */
export class Layout implements Positions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  private readonly group: Int32Array;
  private readonly centreX: Float64Array;
  private readonly centreY: Float64Array;
  private readonly moveX: Float64Array;
  private readonly moveY: Float64Array;
  private readonly free: Uint8Array;
  private step = 0;
  private at = 0;
  private phase: "repel" | "attract" | "move" = "repel";
  private cells = new Map<number, number[]>();
  /** Rounds of refinement in all. */
  readonly rounds: number;

  constructor(
    private readonly graph: Indexed,
    known: Readonly<Record<string, readonly [number, number]>> = {},
  ) {
    const count = graph.nodes.length;
    this.x = new Float64Array(count);
    this.y = new Float64Array(count);
    this.moveX = new Float64Array(count);
    this.moveY = new Float64Array(count);
    this.free = new Uint8Array(count).fill(1);
    this.group = groups(graph);
    const discs = this.plan();
    this.centreX = discs.x;
    this.centreY = discs.y;
    const placed = this.restore(known);
    this.rounds = placed === count ? 0 : count > 5_000 ? 30 : count > 800 ? 80 : 260;
  }

  get done(): boolean {
    return this.step >= this.rounds;
  }

  get fraction(): number {
    return this.rounds === 0 ? 1 : Math.min(1, this.step / this.rounds);
  }

  /** Goes on for about `ms`; a round may be left in its middle. True when there is nothing left to do. */
  advance(ms: number, clock: () => number = () => performance.now()): boolean {
    const until = clock() + ms;
    while (!this.done) {
      this.slice();
      if (clock() >= until) break;
    }
    return this.done;
  }

  /** The whole rest at once. */
  finish(): void {
    while (!this.done) this.slice();
  }

  /** A few hundred nodes' worth of work. */
  private slice(): void {
    const count = this.graph.nodes.length;
    const size = 400;
    if (this.phase === "repel") {
      if (this.at === 0) this.fillCells();
      for (const end = Math.min(count, this.at + size); this.at < end; this.at++) this.repel(this.at);
      if (this.at >= count) this.next("attract");
    } else if (this.phase === "attract") {
      const { edges } = this.graph;
      for (const end = Math.min(edges.length, this.at + size * 4); this.at < end; this.at++) this.attract(this.at);
      if (this.at >= edges.length) this.next("move");
    } else {
      this.move();
      this.step++;
      this.next("repel");
    }
  }

  private next(phase: "repel" | "attract" | "move"): void {
    this.phase = phase;
    this.at = 0;
  }

  private cell(i: number): number {
    return Math.floor(this.x[i]! / reach) * 100_003 + Math.floor(this.y[i]! / reach);
  }

  private fillCells(): void {
    this.cells = new Map();
    for (let i = 0; i < this.graph.nodes.length; i++) {
      const key = this.cell(i);
      const there = this.cells.get(key);
      if (there) there.push(i);
      else this.cells.set(key, [i]);
    }
  }

  private repel(i: number): void {
    const column = Math.floor(this.x[i]! / reach);
    const row = Math.floor(this.y[i]! / reach);
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        const near = this.cells.get(c * 100_003 + r);
        if (!near) continue;
        // A crowded cell is judged by a part of it, always the same part.
        const stride = Math.max(1, Math.floor(near.length / 24));
        for (let n = 0; n < near.length; n += stride) {
          const j = near[n]!;
          if (j === i) continue;
          let dx = this.x[i]! - this.x[j]!;
          let dy = this.y[i]! - this.y[j]!;
          if (dx === 0 && dy === 0) [dx, dy] = [Math.cos(i * golden) * 0.01, Math.sin(i * golden) * 0.01];
          const squared = dx * dx + dy * dy;
          if (squared > reach * reach) continue;
          const force = (stride * (1 - squared / (reach * reach))) / (squared + 0.05);
          this.moveX[i]! += dx * force;
          this.moveY[i]! += dy * force;
        }
      }
    }
    // A weak pull to its community's place keeps what is alone from drifting away.
    const group = this.group[i]!;
    this.moveX[i]! += (this.centreX[group]! - this.x[i]!) * 0.012;
    this.moveY[i]! += (this.centreY[group]! - this.y[i]!) * 0.012;
  }

  private attract(edge: number): void {
    const { from, to, kind } = this.graph.edges[edge]!;
    const dx = this.x[to]! - this.x[from]!;
    const dy = this.y[to]! - this.y[from]!;
    const far = Math.hypot(dx, dy);
    const wanted = kind === "member" ? 2.4 : 1.2;
    if (far <= wanted) return;
    const same = this.group[from] === this.group[to];
    const pull = ((far - wanted) / far) * (kind === "member" ? 0.02 : same ? 0.18 : 0.05);
    // A hub is not dragged about by each of its many neighbours.
    const heavyFrom = 1 / Math.sqrt(1 + degree(this.graph, from) / 4);
    const heavyTo = 1 / Math.sqrt(1 + degree(this.graph, to) / 4);
    this.moveX[from]! += dx * pull * heavyFrom;
    this.moveY[from]! += dy * pull * heavyFrom;
    this.moveX[to]! -= dx * pull * heavyTo;
    this.moveY[to]! -= dy * pull * heavyTo;
  }

  private move(): void {
    const heat = 1.1 * (1 - this.step / this.rounds) + 0.04;
    for (let i = 0; i < this.graph.nodes.length; i++) {
      const dx = this.moveX[i]!;
      const dy = this.moveY[i]!;
      this.moveX[i] = 0;
      this.moveY[i] = 0;
      if (this.free[i] === 0) continue;
      const far = Math.hypot(dx, dy);
      if (far === 0) continue;
      const most = Math.min(far, heat) / far;
      this.x[i]! += dx * most;
      this.y[i]! += dy * most;
    }
  }

  /** Discs side by side, their nodes on a spiral; returns the discs' centres. */
  private plan(): { x: Float64Array; y: Float64Array } {
    const members = new Map<number, number[]>();
    this.group.forEach((group, i) => {
      const there = members.get(group);
      if (there) there.push(i);
      else members.set(group, [i]);
    });
    const spacing = 0.9;
    const discs = [...members]
      .sort(([a, one], [b, other]) => other.length - one.length || a - b)
      .map(([group, inside]) => ({ group, inside, r: spacing * Math.sqrt(inside.length) + 1.2, x: 0, y: 0 }));
    packSiblings(discs);
    const x = new Float64Array(members.size);
    const y = new Float64Array(members.size);
    for (const disc of discs) {
      x[disc.group] = disc.x;
      y[disc.group] = disc.y;
      const order = disc.inside.sort((a, b) => degree(this.graph, b) - degree(this.graph, a) || a - b);
      order.forEach((node, n) => {
        const radius = spacing * Math.sqrt(n);
        this.x[node] = disc.x + radius * Math.cos(n * golden);
        this.y[node] = disc.y + radius * Math.sin(n * golden);
      });
    }
    return { x, y };
  }

  /** Nodes known from before stay where they were; a new one begins beside its neighbours. Returns how many were known. */
  private restore(known: Readonly<Record<string, readonly [number, number]>>): number {
    const { nodes } = this.graph;
    let placed = 0;
    nodes.forEach(({ id }, i) => {
      const before = Object.hasOwn(known, id) ? known[id] : undefined;
      if (!before || !before.every(Number.isFinite)) return;
      [this.x[i], this.y[i]] = [before[0], before[1]];
      this.free[i] = 0;
      placed++;
    });
    // Where most are new, the few known ones would only be in the way.
    if (placed < nodes.length / 2) {
      this.free.fill(1);
      if (placed > 0) this.plan();
      return 0;
    }
    nodes.forEach((_, i) => {
      if (this.free[i] === 0) return;
      const near = neighboursOf(this.graph, i).filter((other) => this.free[other] === 0);
      if (near.length === 0) return;
      const mean = (values: Float64Array): number => near.reduce((sum, one) => sum + values[one]!, 0) / near.length;
      this.x[i] = mean(this.x) + Math.cos(i * golden);
      this.y[i] = mean(this.y) + Math.sin(i * golden);
    });
    return placed;
  }
}

/** How far nodes push each other away. */
const reach = 3;

/**
 * A group a node, numbered from 0: the community that memory gave it, or else what label propagation finds in a few rounds
 * over the edges (Raghavan et al. 2007, in a fixed order). Nodes without any edge share one group.
 */
function groups(graph: Indexed): Int32Array {
  const { nodes } = graph;
  const label = new Int32Array(nodes.length);
  const named = new Map<string, number>();
  const given = new Uint8Array(nodes.length);
  nodes.forEach(({ id, kind, community }, i) => {
    const name = kind === "community" ? (community ?? id) : community;
    label[i] = i;
    if (name === undefined) return;
    const first = named.get(name);
    if (first === undefined) named.set(name, i);
    label[i] = first ?? i;
    given[i] = 1;
  });
  for (let round = 0; round < 6; round++) {
    let changed = false;
    for (let i = 0; i < nodes.length; i++) {
      if (given[i] === 1) continue;
      const votes = new Map<number, number>();
      for (let at = graph.starts[i]!; at < graph.starts[i + 1]!; at++) {
        const of = label[graph.others[at]!]!;
        votes.set(of, (votes.get(of) ?? 0) + 1);
      }
      let best = label[i]!;
      let most = 0;
      for (const [of, count] of votes) if (count > most || (count === most && of < best)) [best, most] = [of, count];
      if (best !== label[i]) changed = true;
      label[i] = best;
    }
    if (!changed) break;
  }
  const numbers = new Map<number, number>();
  return label.map((of, i) => {
    const key = degree(graph, i) === 0 && given[i] === 0 ? -1 : of;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
