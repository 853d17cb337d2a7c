import type { GraphEdge, GraphNode, MemoryGraphData, MemoryItem } from "../../src/contract/memory";

/** What a node is drawn as. An experience is a record of how something was done with success. */
export type DrawnKind = "entity" | "record" | "experience" | "thought" | "community";

export interface DrawnNode {
  id: string;
  kind: DrawnKind;
  /** Anyone's text: shown as text, never as markup. */
  text: string;
  /** ISO 8601. */
  created: string;
  run?: string;
  /** It holds no longer. */
  closed: boolean;
  pinned: boolean;
  community?: string;
}

export type DrawnEdgeKind = GraphEdge["kind"] | "member";

export interface DrawnEdge {
  from: string;
  to: string;
  kind: DrawnEdgeKind;
  label: string;
  closed: boolean;
}

/** UTF-16 units of a text that are worked on; the details hold the whole. */
const textLimit = 400;

/** How a memory is drawn; null for a relation, which is an edge. */
export function kindOf({ node, kind }: Pick<GraphNode, "node" | "kind">): DrawnKind | null {
  if (node === "relation") return null;
  if (node === "record") return kind === "experience" ? "experience" : "record";
  return node;
}

export function drawnItem(item: MemoryItem): DrawnNode | null {
  const kind = kindOf(item);
  if (kind === null) return null;
  const { id, text, time, pinned, valid, source } = item;
  return {
    id,
    kind,
    text: text.slice(0, textLimit),
    created: time,
    closed: !valid,
    pinned,
    ...(source?.run === undefined ? {} : { run: source.run }),
  };
}

/** Nodes and edges as they are drawn: the fine communities as nodes of their own, tied to their members. */
export function drawnGraph(data: MemoryGraphData): { nodes: DrawnNode[]; edges: DrawnEdge[] } {
  const nodes: DrawnNode[] = [];
  const edges: DrawnEdge[] = data.edges.map(({ from, to, kind, label, valid }) => ({
    from,
    to,
    kind,
    label: label.slice(0, textLimit),
    closed: !valid,
  }));
  const newest = new Map<string, string>();
  for (const node of data.nodes) {
    const kind = kindOf(node);
    if (kind === null) continue;
    const { id, label, time, pinned, valid, run, community } = node;
    nodes.push({
      id,
      kind,
      text: label.slice(0, textLimit),
      created: time,
      closed: !valid,
      pinned,
      ...(run === undefined ? {} : { run }),
      ...(community === null ? {} : { community }),
    });
    if (community !== null && time > (newest.get(community) ?? "")) newest.set(community, time);
  }
  for (const { id, level, label } of data.communities) {
    const created = newest.get(id);
    if (level !== 0 || created === undefined) continue;
    nodes.push({
      id,
      kind: "community",
      text: label.slice(0, textLimit),
      created,
      closed: false,
      pinned: false,
      community: id,
    });
    for (const node of data.nodes) {
      if (node.community === id) edges.push({ from: node.id, to: id, kind: "member", label: "", closed: false });
    }
  }
  return { nodes, edges };
}
