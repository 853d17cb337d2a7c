import type { MemoryFilter, MemoryHit, MemoryMode, MemorySearchResult } from "../../../contract/memory";
import { queryWords } from "../../tools/selection/textIndex";
import { words } from "../../tools/selection/words";
import type { MemoryGraph } from "../graph/memoryGraph";
import { itemOf, matches } from "../items";
import type { StoredRecord } from "../rows";
import type { Found, MemoryStore } from "../store";
import type { MemoryVectors } from "../vectors";
import { fuse } from "./fuse";
import { graphSearch, type GraphFound } from "./graphSearch";

export interface SearchParts {
  store: MemoryStore;
  /** Loaded when graph mode is used. */
  graph: () => Promise<MemoryGraph>;
  vectors?: MemoryVectors | undefined;
  now: () => number;
}

export interface SearchQuery {
  query: string;
  mode?: MemoryMode;
  limit: number;
  filter?: MemoryFilter;
  /** Weighs how recent and how important a memory is, and leaves out what may not be offered to a model. */
  offered?: boolean;
}

/** Words found by both searches agree more often than not; words come first where the vectors are poor. */
const weights = { text: 1, vector: 0.6, graph: 1.5, thoughts: 0.5 } as const;

export async function search(parts: SearchParts, asked: SearchQuery): Promise<MemorySearchResult> {
  const begun = performance.now();
  const query = asked.query.slice(0, 8_000);
  const wide = Math.max(50, asked.limit * 4);
  const where = asked.filter?.closed ? undefined : "valid";
  const mode = await chosen(parts, asked.mode ?? "auto");
  const text = mode === "vector" ? [] : await parts.store.text("records", query, wide, where);
  const near = mode === "text" || !parts.vectors ? [] : await parts.vectors.search(query, wide);
  const thoughts = mode === "vector" ? [] : await parts.store.text("thoughts", query, Math.min(10, wide));
  const passages = near.length > 0 ? fuse([list(text, weights.text), list(near, weights.vector)]) : text;
  let ways: GraphFound[] = [];
  if (mode === "graph") {
    const facts = await parts.store.text("relations", query, 10, "valid");
    ways = graphSearch(await parts.graph(), query, facts, passages, wide);
  }
  const fused = fuse([
    list(passages, 1),
    ...(ways.length > 0 ? [list(ways, weights.graph)] : []),
    ...(thoughts.length > 0 ? [list(thoughts, weights.thoughts)] : []),
  ]);
  const used = mode === "graph" || mode === "vector" ? mode : near.length > 0 ? "hybrid" : "text";
  const hits = await shown(parts, asked, query, fused, { text, near, ways });
  return { mode: used, hits, ms: performance.now() - begun };
}

async function chosen({ vectors, store }: SearchParts, mode: MemoryMode): Promise<Exclude<MemoryMode, "auto">> {
  if (mode !== "auto") return mode;
  // The graph answers questions of several hops; with none there is nothing to walk.
  if ((await store.count("relations")) > 0) return "graph";
  return vectors && vectors.count > 0 ? "hybrid" : "text";
}

interface Ways {
  text: Found[];
  near: Found[];
  ways: GraphFound[];
}

async function shown(
  { store, now }: SearchParts,
  asked: SearchQuery,
  query: string,
  fused: Found[],
  ways: Ways,
): Promise<MemoryHit[]> {
  const candidates = fused.slice(0, Math.max(60, asked.limit * 3));
  const [records, thoughts] = await Promise.all([
    store.get(
      "records",
      candidates.map(({ id }) => id).filter((id) => !id.startsWith("thought:")),
    ),
    store.get(
      "thoughts",
      candidates.map(({ id }) => id).filter((id) => id.startsWith("thought:")),
    ),
  ]);
  const wanted = queryWords(query);
  const hits: { hit: MemoryHit; text: string }[] = [];
  for (const { id, score } of candidates) {
    const record = records.get(id);
    const thought = thoughts.get(id);
    const item = record ? itemOf("records", record) : thought ? itemOf("thoughts", thought) : undefined;
    if (!item || !matches(item, asked.filter ?? {}, record?.source)) continue;
    if (asked.offered && record && !offerable(record)) continue;
    const path = ways.ways.find((way) => way.id === id)?.path;
    const why = reason(id, item.text, wanted, ways, item.time, now(), path);
    const weighed = asked.offered ? score * weight(record, item.time, now()) : score;
    hits.push({ hit: { item, score: weighed, why, ...(path && path.length > 0 ? { path } : {}) }, text: item.text });
  }
  hits.sort((a, b) => b.hit.score - a.hit.score);
  const seen = new Set<string>();
  return hits
    .filter(({ text }) => {
      const key = words(text.slice(0, 2_000)).join(" ") || text;
      return seen.has(key) ? false : (seen.add(key), true);
    })
    .slice(0, asked.limit)
    .map(({ hit }) => hit);
}

/** Failures are for people and figures. A text from outside that gives orders is shown to people, never to a model. */
export function offerable(record: StoredRecord): boolean {
  if (record.kind === "failure" || record.outcome === "failure") return false;
  return record.taint === undefined || !ordering(record.text);
}

/** Whether a text speaks to a model rather than of the world. Not a boundary: what is tainted is data anyway. */
export function ordering(text: string): boolean {
  return /\b(ignore|disregard|forget|override)\b.{0,40}\b(instruction|rule|prompt|previous|above|system)|\b(you (must|should|shall|are now)|system prompt|new instructions?|do not tell|always (run|call|send|answer|reply))\b|忽略.{0,12}(指令|规则|提示)|你必须/i.test(
    text,
  );
}

/** Recency and importance beside relevance, as in Generative Agents (arXiv 2304.03442); 0.8..1.3. */
function weight(record: StoredRecord | undefined, time: string, now: number): number {
  const used = Math.max(Date.parse(time), record?.lastUsed ? Date.parse(record.lastUsed) : 0);
  const days = Math.max(0, now - used) / 86_400_000;
  const recency = Math.pow(0.995, days);
  const outcome = record?.outcome === "success" ? 0.1 : 0;
  return 0.8 + 0.15 * recency + 0.25 * (record?.importance ?? 0.5) + outcome + (record?.pinned ? 0.1 : 0);
}

function reason(
  id: string,
  text: string,
  wanted: ReadonlyMap<string, number>,
  { near, ways }: Ways,
  time: string,
  now: number,
  path: string[] | undefined,
): string {
  const own = new Set(words(text.slice(0, 20_000)));
  const shared = [...wanted.keys()].filter((word) => own.has(word)).slice(0, 5);
  const parts: string[] = [];
  if (shared.length > 0) parts.push(`shares ${shared.join(", ")}`);
  const place = near.findIndex((each) => each.id === id);
  if (place >= 0 && place < 10) parts.push("near in meaning");
  if (path && path.length > 2) parts.push(`${Math.floor((path.length - 1) / 2)} steps through the graph`);
  else if (ways.some((way) => way.id === id)) parts.push("named in the graph");
  const days = Math.floor((now - Date.parse(time)) / 86_400_000);
  if (days >= 0 && days < 2) parts.push(days === 0 ? "from today" : "from yesterday");
  return parts.join("; ") || "among the nearest";
}

function list(found: readonly Found[], weight: number): { found: readonly Found[]; weight: number } {
  return { found, weight };
}
