import type {
  GraphEdge,
  GraphNode,
  MemoryDetail,
  MemoryGraphData,
  MemoryItem,
  MemoryState,
  MemoryWhy,
} from "../../src/contract/memory";
import type { MemoryPanelState } from "../../src/contract/memoryView";

/** A small memory with every kind of node: who works where, two communities, a fact that was corrected. */
export const smallGraph: MemoryGraphData = (() => {
  const time = (day: number) => `2026-11-${String(day).padStart(2, "0")}T09:00:00.000Z`;
  const node = (id: string, kind: string, label: string, more: Partial<GraphNode> = {}): GraphNode => ({
    id,
    node: ["entity", "thought"].includes(kind) ? (kind as GraphNode["node"]) : "record",
    kind,
    label,
    time: time(10),
    degree: 0,
    community: null,
    pinned: false,
    valid: true,
    ...more,
  });
  const edge = (
    from: string,
    to: string,
    kind: GraphEdge["kind"],
    label = "",
    more: Partial<GraphEdge> = {},
  ): GraphEdge => ({ id: `${from}-${to}`, from, to, kind, label, weight: 1, valid: true, ...more });
  const lab = { community: "c1" };
  const home = { community: "c2" };
  return {
    nodes: [
      node("e1", "entity", "Ada", lab),
      node("e2", "entity", "Harbour Lab", lab),
      node("e3", "entity", "Lisbon", home),
      node("e4", "entity", "Vitrine", lab),
      node("e5", "entity", "Mira", home),
      node("e6", "entity", "Porto", home),
      node("e7", "entity", "the parser", lab),
      node("r1", "fact", "Ada works at the Harbour Lab.", { ...lab, run: "20261110-090000-aa11", time: time(10) }),
      node("r2", "fact", "The Harbour Lab is in Lisbon.", { ...lab, run: "20261111-090000-bb22", time: time(11) }),
      node("r3", "fact", "The user's sister is called Mira.", { ...home, time: time(12), pinned: true }),
      node("r4", "fact", "Mira lives in Lisbon.", { ...home, time: time(12), valid: false }),
      node("r5", "fact", "Mira lives in Porto.", { ...home, time: time(20) }),
      node("r6", "observation", "The parser of Vitrine fails on empty files.", { ...lab, run: "20261111-090000-bb22" }),
      node("r7", "experience", "To fix a failing parser test: read the fixture, then patch parser.ts.", {
        ...lab,
        run: "20261111-090000-bb22",
      }),
      node("t1", "thought", "The user's work and family are both in Portugal.", { ...home, time: time(21) }),
      node("t2", "thought", "Empty input is where Vitrine breaks most often.", { ...lab, time: time(21) }),
    ],
    edges: [
      edge("e1", "e2", "relation", "works at"),
      edge("e2", "e3", "relation", "is in"),
      edge("e5", "e3", "relation", "lives in", { valid: false }),
      edge("e5", "e6", "relation", "lives in"),
      edge("e7", "e4", "relation", "is part of"),
      edge("r1", "e1", "mention"),
      edge("r1", "e2", "mention"),
      edge("r2", "e2", "mention"),
      edge("r2", "e3", "mention"),
      edge("r3", "e5", "mention"),
      edge("r4", "e5", "mention"),
      edge("r4", "e3", "mention"),
      edge("r5", "e5", "mention"),
      edge("r5", "e6", "mention"),
      edge("r5", "r4", "replaces"),
      edge("r6", "e7", "mention"),
      edge("r6", "e4", "mention"),
      edge("r7", "e7", "mention"),
      edge("t1", "r2", "evidence"),
      edge("t1", "r5", "evidence"),
      edge("t2", "r6", "evidence"),
      edge("t2", "r7", "evidence"),
    ],
    communities: [
      { id: "c1", level: 0, label: "Work at the Harbour Lab", size: 4 },
      { id: "c2", level: 0, label: "Family in Portugal", size: 3 },
      { id: "c9", level: 1, label: "Everything", size: 7 },
    ],
    left: 0,
  };
})();

export function itemOf(node: GraphNode): MemoryItem {
  const { id, label, kind, time, pinned, valid, run } = node;
  return {
    id,
    node: node.node,
    kind,
    text: label,
    time,
    pinned,
    valid,
    source: { by: node.node === "thought" ? "reflection" : "user", ...(run === undefined ? {} : { run, step: 2 }) },
  };
}

export const smallWhy: MemoryWhy = {
  run: "20261122-100000-cc33",
  goal: "In which city does Ada work?",
  hits: [
    {
      item: itemOf(smallGraph.nodes.find(({ id }) => id === "r2")!),
      score: 0.9,
      why: "Two hops from “Ada”: Ada, works at, Harbour Lab.",
      path: ["e1", "e2", "r2"],
    },
    { item: itemOf(smallGraph.nodes.find(({ id }) => id === "r1")!), score: 0.7, why: "Names “Ada” and “work”." },
  ],
  written: [],
};

export function detailOf(graph: MemoryGraphData, id: string): MemoryDetail {
  const node = graph.nodes.find((each) => each.id === id)!;
  const item = itemOf(node);
  const beside = (kind: GraphEdge["kind"]): MemoryItem[] =>
    graph.edges
      .filter((edge) => edge.kind === kind && edge.from === id)
      .map(({ to }) => itemOf(graph.nodes.find((each) => each.id === to)!));
  const record = {
    id,
    text: node.label,
    kind: node.kind,
    time: node.time,
    source: item.source!,
    importance: 0.6,
    validFrom: node.time,
    validTo: node.valid ? null : "2026-11-20T09:00:00.000Z",
    pinned: node.pinned,
    uses: 3,
    lastUsed: "2026-11-22T10:00:00.000Z",
  };
  return {
    item,
    ...(node.node === "record" ? { record } : {}),
    evidence: beside("evidence"),
    rests: graph.edges
      .filter(({ kind, to }) => kind === "evidence" && to === id)
      .map(({ from }) => itemOf(graph.nodes.find((each) => each.id === from)!)),
  };
}

export const memoryState: MemoryState = {
  phase: "ready",
  where: ".vitrine/memory",
  remote: false,
  queued: 0,
  counts: { records: 7, thoughts: 2, entities: 7, relations: 5 },
  writes: "auto",
  vectors: null,
  problems: [],
  reflecting: null,
  pending: [],
  undo: null,
  lastRead: smallWhy.hits,
};

export function panelOf(memory: Partial<MemoryState> = {}, more: Partial<MemoryPanelState> = {}): MemoryPanelState {
  return { revision: 1, memory: { ...memoryState, ...memory }, missing: null, request: null, ...more };
}

/** As many nodes as asked, in communities of about 100: hubs of entities, records that name two or three of them. */
export function largeGraph(count: number): MemoryGraphData {
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const groups = Math.max(1, Math.round(count / 100));
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const perGroup = Math.floor((count - groups) / groups);
  for (let g = 0; g < groups; g++) {
    const first = nodes.length;
    for (let i = 0; i < perGroup; i++) {
      const entity = i < perGroup * 0.25;
      const kind = entity ? "entity" : i % 19 === 0 ? "thought" : i % 23 === 0 ? "experience" : "fact";
      const sort = entity ? "entity" : kind === "thought" ? "thought" : "record";
      nodes.push({
        id: `n${first + i}`,
        node: sort,
        kind,
        label: entity ? `Entity ${g}.${i}` : `Something that was told about topic ${g}, number ${i}.`,
        time: new Date(Date.UTC(2026, 0, 1) + (first + i) * 60_000).toISOString(),
        degree: 0,
        community: `c${g}`,
        pinned: i % 97 === 0,
        valid: i % 31 !== 0,
      });
      if (!entity) {
        for (let n = 0; n < 2; n++) {
          // Few entities are named often, most seldom.
          const named = first + Math.floor(random() ** 2 * perGroup * 0.25);
          edges.push(joined(edges.length, first + i, named, "mention", ""));
        }
      } else if (i > 0) {
        edges.push(joined(edges.length, first + i, first + Math.floor(random() * i), "relation", "belongs with"));
      }
    }
    if (g > 0) {
      const other = Math.floor(random() * g) * perGroup;
      edges.push(joined(edges.length, first, other, "relation", "leads to"));
    }
  }
  const communities = Array.from({ length: groups }, (_, g) => ({
    id: `c${g}`,
    level: 0 as const,
    label: `Topic ${g}`,
    size: perGroup,
  }));
  return { nodes, edges, communities, left: 0 };
}

function joined(n: number, from: number, to: number, kind: GraphEdge["kind"], label: string): GraphEdge {
  return { id: `x${n}`, from: `n${from}`, to: `n${to}`, kind, label, weight: 1, valid: true };
}
