import Graph from "graphology";
import louvain from "graphology-communities-louvain";
import type { MemoryGraph } from "./memoryGraph";
import { sha256 } from "../../tools/hash";

/** Fine and coarse community of each entity: Louvain on the relations, and again on the communities it found. */
export function communities(graph: MemoryGraph): Map<string, [string, string]> {
  const entities = new Graph({ type: "undirected", multi: false });
  const link = (to: Graph, a: string, b: string, weight: number): void => {
    if (a === b || !to.hasNode(a) || !to.hasNode(b)) return;
    to.updateEdge(a, b, (old) => ({ weight: ((old["weight"] as number | undefined) ?? 0) + weight }));
  };
  for (const id of [...graph.entities.keys()].sort()) entities.addNode(id);
  for (const { from, to, records, validTo } of graph.relations.values()) {
    if (validTo === null) link(entities, from, to, Math.max(1, records.length));
  }
  for (const { a, b, likeness } of graph.synonyms()) link(entities, a, b, likeness);
  const fine = partition(entities);
  const groups = new Graph({ type: "undirected", multi: false });
  for (const group of new Set(fine.values())) groups.addNode(group);
  entities.forEachEdge((_edge, attributes, a, b) => {
    link(groups, fine.get(a) ?? "", fine.get(b) ?? "", (attributes["weight"] as number | undefined) ?? 1);
  });
  const coarse = partition(groups);
  // Named after their members, so that a community that did not change keeps its id.
  const named = (level: string, of: (id: string) => string): Map<string, string> => {
    const members = new Map<string, string[]>();
    for (const id of fine.keys()) {
      const key = of(id);
      members.set(key, [...(members.get(key) ?? []), id]);
    }
    return new Map([...members].map(([key, ids]) => [key, `${level}:${sha256(ids.sort().join()).slice(0, 12)}`]));
  };
  const fineOf = (id: string): string => fine.get(id) ?? "";
  const coarseOf = (id: string): string => coarse.get(fineOf(id)) ?? "";
  const [fineNames, coarseNames] = [named("fine", fineOf), named("coarse", coarseOf)];
  return new Map(
    [...fine.keys()].map((id) => [id, [fineNames.get(fineOf(id)) ?? "", coarseNames.get(coarseOf(id)) ?? ""]]),
  );
}

function partition(graph: Graph): Map<string, string> {
  if (graph.order === 0) return new Map();
  if (graph.size === 0) return new Map(graph.nodes().map((id) => [id, id]));
  // The same draw each time, so that reflecting twice finds the same communities.
  let state = 1;
  const rng = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return new Map(Object.entries(louvain(graph, { rng })).map(([id, group]) => [id, `${group}`]));
}
