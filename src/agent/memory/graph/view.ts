import type {
  GraphEdge,
  GraphNode,
  MemoryCommunity,
  MemoryFilter,
  MemoryGraphData,
  MemoryPath,
  MemoryRecord,
} from "../../../contract/memory";
import { itemOf, matches } from "../items";
import type { MemoryStore } from "../store";
import type { MemoryGraph } from "./memoryGraph";

const labelled = 80;

interface Edge extends GraphEdge {
  from: string;
  to: string;
}

/** Edges at a node, with the node at the other end. */
function* edgesAt(graph: MemoryGraph, id: string): Generator<Edge> {
  for (const each of graph.relationsAt.get(id) ?? []) {
    const relation = graph.relations.get(each);
    if (!relation) continue;
    const { from, to, relation: label, validTo, records } = relation;
    yield { id: each, from, to, kind: "relation", label, weight: Math.max(1, records.length), valid: validTo === null };
  }
  const mention = (record: string, entity: string): Edge => ({
    id: `${record} ${entity}`,
    from: record,
    to: entity,
    kind: "mention",
    label: "",
    weight: 1,
    valid: graph.records.get(record)?.valid ?? false,
  });
  for (const record of graph.mentions.get(id) ?? []) yield mention(record, id);
  for (const entity of graph.records.get(id)?.entities ?? []) if (graph.entities.has(entity)) yield mention(id, entity);
  const rests = (thought: string, memory: string): Edge => ({
    id: `${thought} ${memory}`,
    from: thought,
    to: memory,
    kind: "evidence",
    label: "",
    weight: 1,
    valid: true,
  });
  for (const thought of graph.thoughtsOn.get(id) ?? []) yield rests(thought, id);
  for (const memory of graph.thoughts.get(id)?.evidence ?? []) yield rests(id, memory);
}

const otherEnd = (edge: Edge, id: string): string => (edge.from === id ? edge.to : edge.from);

function degree(graph: MemoryGraph, id: string): number {
  return (
    (graph.relationsAt.get(id)?.size ?? 0) +
    (graph.mentions.get(id)?.size ?? 0) +
    (graph.records.get(id)?.entities.length ?? 0) +
    (graph.thoughtsOn.get(id)?.size ?? 0) +
    (graph.thoughts.get(id)?.evidence.length ?? 0)
  );
}

/** The community most of a node's entities are in. */
function communityOf(graph: MemoryGraph, id: string): string | null {
  const own = graph.entities.get(id)?.communities[0];
  if (own !== undefined) return own;
  const near =
    graph.records.get(id)?.entities ??
    (graph.thoughts.get(id)?.evidence ?? []).flatMap((each) => graph.records.get(each)?.entities ?? []);
  const counts = new Map<string, number>();
  for (const entity of near) {
    const community = graph.entities.get(entity)?.communities[0];
    if (community !== undefined) counts.set(community, (counts.get(community) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

async function nodes(
  store: MemoryStore,
  graph: MemoryGraph,
  ids: readonly string[],
): Promise<Map<string, GraphNode & { record?: MemoryRecord }>> {
  const out = new Map<string, GraphNode & { record?: MemoryRecord }>();
  const records = await store.get(
    "records",
    ids.filter((id) => !graph.entities.has(id) && !graph.thoughts.has(id)),
  );
  for (const id of ids) {
    const [entity, thought, record] = [graph.entities.get(id), graph.thoughts.get(id), records.get(id)];
    const item = entity
      ? itemOf("entities", entity)
      : thought
        ? itemOf("thoughts", thought)
        : record
          ? itemOf("records", record)
          : undefined;
    if (!item) continue;
    const { node, kind, text, time, pinned, valid, source } = item;
    const label = text.length > labelled ? `${text.slice(0, labelled - 1)}…` : text;
    const run = source?.run;
    out.set(id, {
      id,
      node,
      kind,
      label,
      time,
      degree: degree(graph, id),
      community: communityOf(graph, id),
      pinned,
      valid,
      ...(run === undefined ? {} : { run }),
      ...(record ? { record } : {}),
    });
  }
  return out;
}

async function data(
  store: MemoryStore,
  graph: MemoryGraph,
  ids: readonly string[],
  left: number,
  filter: MemoryFilter = {},
): Promise<MemoryGraphData> {
  const found = await nodes(store, graph, ids);
  const shown: GraphNode[] = [];
  for (const { record, ...node } of found.values()) {
    const item = { ...node, text: node.label };
    if (!matches(item, filter, record?.source)) continue;
    if (filter.community !== undefined && node.community !== filter.community) continue;
    shown.push(node);
  }
  const kept = new Set(shown.map(({ id }) => id));
  const edges = new Map<string, GraphEdge>();
  for (const id of kept)
    for (const edge of edgesAt(graph, id)) if (kept.has(edge.from) && kept.has(edge.to)) edges.set(edge.id, edge);
  for (const { a, b, likeness } of graph.synonyms()) {
    if (!kept.has(a) || !kept.has(b)) continue;
    edges.set(`${a} ${b}`, {
      id: `${a} ${b}`,
      from: a,
      to: b,
      kind: "synonym",
      label: "",
      weight: likeness,
      valid: true,
    });
  }
  for (const { id, record } of found.values()) {
    const next = record?.replacedBy ?? record?.foldedInto;
    if (next === undefined || !kept.has(id) || !kept.has(next)) continue;
    edges.set(`${next} ${id}`, {
      id: `${next} ${id}`,
      from: next,
      to: id,
      kind: "replaces",
      label: "",
      weight: 1,
      valid: true,
    });
  }
  return { nodes: shown, edges: [...edges.values()], communities: communitiesOf(graph, shown), left };
}

/** The communities that some nodes are in, and those above them. */
function communitiesOf(graph: MemoryGraph, shown: readonly GraphNode[]): MemoryCommunity[] {
  const labels = new Map(
    [...graph.thoughts.values()].flatMap(({ community, text }) => (community ? [[community, text]] : [])) as [
      string,
      string,
    ][],
  );
  const members = new Map<string, { names: string[]; parent?: string; level: 0 | 1 }>();
  for (const { name, communities } of graph.entities.values()) {
    communities.slice(0, 2).forEach((id, level) => {
      const known = members.get(id) ?? {
        names: [],
        level: level as 0 | 1,
        ...(level === 0 && communities[1] ? { parent: communities[1] } : {}),
      };
      known.names.push(name);
      members.set(id, known);
    });
  }
  const fine = new Set(shown.flatMap(({ community }) => community ?? []));
  const wanted = new Set([...fine].flatMap((id) => [id, members.get(id)?.parent ?? id]));
  return [...wanted].flatMap((id) => {
    const found = members.get(id);
    if (!found) return [];
    const { names, parent, level } = found;
    return [
      {
        id,
        level,
        label: labels.get(id) ?? names.slice(0, 3).join(", "),
        size: names.length,
        ...(parent ? { parent } : {}),
      },
    ];
  });
}

/** The most connected nodes and the edges among them. */
export async function wholeGraph(
  store: MemoryStore,
  graph: MemoryGraph,
  limit: number,
  filter: MemoryFilter = {},
): Promise<MemoryGraphData> {
  const kinds = new Set(filter.nodes ?? ["entity", "thought", "record"]);
  const ids = [
    ...(kinds.has("entity") ? graph.entities.keys() : []),
    ...(kinds.has("thought") ? graph.thoughts.keys() : []),
    ...(kinds.has("record") ? graph.records.keys() : []),
  ];
  if (kinds.has("record") && ids.length < limit) {
    // Records that reflection has not read yet stand alone, the latest first.
    const known = new Set(ids);
    const loose = await store.list("records", { limit: limit - ids.length, newest: true });
    ids.push(...loose.map(({ id }) => id).filter((id) => !known.has(id)));
  }
  const ranked = ids.length <= limit ? ids : ids.sort((a, b) => degree(graph, b) - degree(graph, a)).slice(0, limit);
  return data(store, graph, ranked, ids.length - ranked.length, filter);
}

/** What lies within some hops of a node, the nearest and most connected first. */
export async function neighbourhood(
  store: MemoryStore,
  graph: MemoryGraph,
  id: string,
  hops: number,
  limit: number,
): Promise<MemoryGraphData> {
  const relation = graph.relations.get(id);
  const seen = new Set(relation ? [relation.from, relation.to] : [id]);
  let ring = [...seen];
  let left = 0;
  for (let hop = 0; hop < Math.min(4, hops) && ring.length > 0; hop++) {
    const next = new Set<string>();
    for (const each of ring)
      for (const edge of edgesAt(graph, each)) if (!seen.has(otherEnd(edge, each))) next.add(otherEnd(edge, each));
    const ranked = [...next].sort((a, b) => degree(graph, b) - degree(graph, a));
    ring = ranked.slice(0, Math.max(0, limit - seen.size));
    left += ranked.length - ring.length;
    ring.forEach((each) => seen.add(each));
  }
  return data(store, graph, [...seen], left, { closed: true });
}

/** The shortest way between two nodes, breadth first. */
export async function shortestPath(
  store: MemoryStore,
  graph: MemoryGraph,
  from: string,
  to: string,
): Promise<MemoryPath | null> {
  const came = new Map<string, { id: string; edge: Edge } | undefined>([[from, undefined]]);
  let ring = [from];
  while (ring.length > 0 && !came.has(to) && came.size < 200_000) {
    const next: string[] = [];
    for (const each of ring) {
      for (const edge of edgesAt(graph, each)) {
        const other = otherEnd(edge, each);
        if (came.has(other)) continue;
        came.set(other, { id: each, edge });
        next.push(other);
      }
    }
    ring = next;
  }
  if (!came.has(to)) return null;
  const ids = [to];
  const edges: GraphEdge[] = [];
  for (let step = came.get(to); step; step = came.get(step.id)) {
    ids.unshift(step.id);
    edges.unshift(step.edge);
  }
  const found = await nodes(store, graph, ids);
  return {
    nodes: ids.flatMap((id) => {
      const node = found.get(id);
      if (!node) return [];
      const { record: _, ...shown } = node;
      return [shown];
    }),
    edges,
  };
}
