/** A weighted undirected graph in compressed rows: the neighbours of node i are `to[from[i]] .. to[from[i + 1] - 1]`. */
export interface Rows {
  size: number;
  from: Int32Array;
  to: Int32Array;
  weight: Float64Array;
  /** Sum of the weights at each node. */
  strength: Float64Array;
}

export function compress(size: number, edges: readonly (readonly [number, number, number])[]): Rows {
  const from = new Int32Array(size + 1);
  for (const [a, b] of edges) {
    from[a + 1] = (from[a + 1] ?? 0) + 1;
    from[b + 1] = (from[b + 1] ?? 0) + 1;
  }
  for (let i = 0; i < size; i++) from[i + 1] = (from[i + 1] ?? 0) + (from[i] ?? 0);
  const next = from.slice(0, size);
  const to = new Int32Array(edges.length * 2);
  const weight = new Float64Array(edges.length * 2);
  const strength = new Float64Array(size);
  const place = (a: number, b: number, w: number): void => {
    const at = next[a] ?? 0;
    next[a] = at + 1;
    to[at] = b;
    weight[at] = w;
    strength[a] = (strength[a] ?? 0) + w;
  };
  for (const [a, b, w] of edges) {
    place(a, b, w);
    place(b, a, w);
  }
  return { size, from, to, weight, strength };
}

/**
 * Personalised PageRank by power iteration: where a walker is who goes on along an edge with probability `damping` and
 * else starts again at a seed. What reaches a node without edges starts again too. Sums to 1 (HippoRAG 2 damps with 0.5).
 */
export function pageRank(rows: Rows, seeds: ReadonlyMap<number, number>, damping = 0.5, steps = 40): Float64Array {
  const { size, from, to, weight, strength } = rows;
  const start = new Float64Array(size);
  let total = 0;
  for (const value of seeds.values()) total += value;
  if (total <= 0) return start;
  for (const [node, value] of seeds) start[node] = (start[node] ?? 0) + value / total;
  let rank = start.slice();
  for (let step = 0; step < steps; step++) {
    const next = new Float64Array(size);
    let lost = 0;
    for (let i = 0; i < size; i++) {
      const here = rank[i] ?? 0;
      if (here === 0) continue;
      const sum = strength[i] ?? 0;
      if (sum === 0) {
        lost += here;
        continue;
      }
      const share = (damping * here) / sum;
      const end = from[i + 1] ?? 0;
      for (let e = from[i] ?? 0; e < end; e++) {
        const target = to[e] ?? 0;
        next[target] = (next[target] ?? 0) + share * (weight[e] ?? 0);
      }
    }
    let moved = 0;
    const again = 1 - damping + damping * lost;
    for (let i = 0; i < size; i++) {
      next[i] = (next[i] ?? 0) + again * (start[i] ?? 0);
      moved += Math.abs((next[i] ?? 0) - (rank[i] ?? 0));
    }
    rank = next;
    if (moved < 1e-8) break;
  }
  return rank;
}
