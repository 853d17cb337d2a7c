import type { MemoryGraph } from "../graph/memoryGraph";
import { plainName } from "../graph/names";
import { pageRank } from "../graph/pageRank";
import type { Found } from "../store";

/** HippoRAG 2 (arXiv 2502.14802): damping, weight of passages among the seeds, how many facts lead into the graph. */
const settings = { damping: 0.5, passage: 0.05, facts: 5 } as const;

export interface GraphFound extends Found {
  /** Nodes from a seed to this record. */
  path: string[];
}

/**
 * Records by personalised PageRank. Seeds: the entities that the query names, those of the facts nearest to the query,
 * each the less the more records name it; and all records that were found, with a small weight.
 */
export function graphSearch(
  graph: MemoryGraph,
  query: string,
  facts: readonly Found[],
  passages: readonly Found[],
  limit: number,
): GraphFound[] {
  const { ids, place, rows } = graph.walkable();
  const entities = new Map<string, number>();
  const raise = (id: string, weight: number): void => {
    const rarity = 1 / Math.max(1, graph.mentions.get(id)?.size ?? 1);
    entities.set(id, (entities.get(id) ?? 0) + weight * rarity);
  };
  for (const id of namedIn(graph, query)) raise(id, 1);
  const best = facts[0]?.score ?? 1;
  for (const { id, score } of facts.slice(0, settings.facts)) {
    const relation = graph.relations.get(id);
    if (!relation || relation.validTo !== null) continue;
    raise(relation.from, score / best);
    raise(relation.to, score / best);
  }
  if (entities.size === 0) return [];
  const seeds = new Map<number, number>();
  const most = Math.max(...entities.values());
  for (const [id, weight] of entities) {
    const at = place.get(id);
    if (at !== undefined) seeds.set(at, weight / most);
  }
  const top = passages[0]?.score ?? 1;
  for (const { id, score } of passages) {
    const at = place.get(id);
    if (at !== undefined) seeds.set(at, (seeds.get(at) ?? 0) + (settings.passage * score) / top);
  }
  const ranks = pageRank(rows, seeds, settings.damping);
  const found: Found[] = [];
  ids.forEach((id, i) => {
    if (graph.records.has(id) && (ranks[i] ?? 0) > 0) found.push({ id, score: ranks[i] ?? 0 });
  });
  found.sort((a, b) => b.score - a.score);
  return found.slice(0, limit).map((each) => ({ ...each, path: pathTo(graph, entities, each.id) }));
}

/** Entities whose names stand in a text; the longest names first, none inside another. */
export function namedIn(graph: MemoryGraph, text: string): string[] {
  const words = plainName(text).split(" ");
  const out: string[] = [];
  for (let at = 0; at < words.length;) {
    let step = 1;
    for (let length = Math.min(8, words.length - at); length > 0; length--) {
      const found = graph.named(words.slice(at, at + length).join(" "));
      if (found.length === 0) continue;
      out.push(...found);
      step = length;
      break;
    }
    at += step;
  }
  return [...new Set(out)];
}

/** The shortest way from a seed to a record over entities, at most three hops of them. */
function pathTo(graph: MemoryGraph, seeds: ReadonlyMap<string, number>, record: string): string[] {
  const ends = graph.records.get(record)?.entities ?? [];
  let ways = ends.map((id) => [id, record]);
  const seen = new Set(ends);
  for (let hop = 0; hop < 3; hop++) {
    const there = ways.find(([first = ""]) => seeds.has(first));
    if (there) return there;
    const next: string[][] = [];
    for (const way of ways) {
      const [first = ""] = way;
      for (const id of graph.relationsAt.get(first) ?? []) {
        const relation = graph.relations.get(id);
        const other = relation?.from === first ? relation.to : relation?.from;
        if (other === undefined || seen.has(other) || seen.size > 2_000) continue;
        seen.add(other);
        next.push([other, id, ...way]);
      }
    }
    ways = next;
  }
  return [];
}
