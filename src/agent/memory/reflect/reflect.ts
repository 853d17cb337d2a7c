import type { Brain } from "../../../contract/brain";
import type { MemoryThought, ReflectProgress, ReflectResult } from "../../../contract/memory";
import { parseReflect, reflectGrammar, reflectPrompt } from "../../prompts/reflect";
import { communityPrompt, parseSummary } from "../../prompts/summary";
import { parseTriples, triplesGrammar, triplesPrompt } from "../../prompts/triples";
import { sha256 } from "../../tools/hash";
import { words } from "../../tools/selection/words";
import { mergeRecordOps } from "../edits";
import { communities } from "../graph/communities";
import type { MemoryGraph } from "../graph/memoryGraph";
import { tripleOps } from "../graph/triples";
import { put, remove, type Op, type StoredRecord } from "../rows";
import type { MemoryStore } from "../store";

export interface ReflectParts {
  store: MemoryStore;
  graph: () => Promise<MemoryGraph>;
  brain: Brain;
  now: () => number;
}

export interface ReflectOptions {
  signal: AbortSignal;
  /** Milliseconds at most; what is left is done by the next reflection. */
  budget?: number;
  onProgress?: (progress: ReflectProgress) => void;
}

const page = 200;
const cluster = { most: 8, least: 3 } as const;
/** Characters of a memory that are read. */
const longest = 600;
const factsOfCommunity = 12;
/** Days after which an unused memory counts half. */
const halfLife = 180;

/**
 * Re-organises the memory: duplicates folded, triples taken, thoughts had, communities summed up, importance faded. Each
 * unit is written with the mark that says it is done, so a reflection that is killed goes on where it was, and one that
 * is repeated adds nothing. Linear in new records.
 */
export async function reflect(parts: ReflectParts, options: ReflectOptions): Promise<ReflectResult> {
  const result: ReflectResult = { thoughts: 0, entities: 0, relations: 0, communities: 0, folded: 0, complete: true };
  const end = options.budget === undefined ? Infinity : parts.now() + options.budget;
  const over = (): boolean => {
    options.signal.throwIfAborted();
    return parts.now() >= end;
  };
  for (const stage of [fold, takeTriples, think, sumUp, fade]) {
    if (over()) return { ...result, complete: false };
    if (!(await stage(parts, options, result, over))) return { ...result, complete: false };
  }
  return result;
}

type Stage = (
  parts: ReflectParts,
  options: ReflectOptions,
  result: ReflectResult,
  over: () => boolean,
) => Promise<boolean>;

const kept = "kind <> 'failure' AND valid";

const fold: Stage = async ({ store, now }, { onProgress }, result, over) => {
  const all = await store.slim("records", undefined, kept);
  const first = new Map<string, StoredRecord>();
  for (let at = 0; at < all.length; at += page * 5) {
    if (over()) return false;
    onProgress?.({ stage: "fold", done: at, total: all.length });
    const ids = all.slice(at, at + page * 5).map(({ id }) => id);
    const ops: Op[] = [];
    for (const record of (await store.get("records", ids)).values()) {
      const key = `${record.taint ?? ""}\n${record.kind}\n${words(record.text).join(" ") || record.text}`;
      const known = first.get(key);
      if (!known) {
        first.set(key, record);
        continue;
      }
      const into = record.pinned && !known.pinned ? record : known;
      ops.push(...mergeRecordOps([known, record], into.id, new Date(now()).toISOString()));
      first.set(key, into);
      result.folded++;
    }
    await store.write(ops);
  }
  return true;
};

const takeTriples: Stage = async ({ store, graph, brain, now }, { onProgress, signal }, result, over) => {
  const todo = await store.slim("records", undefined, `${kept} AND NOT extracted`);
  if (todo.length === 0) return true;
  const known = await graph();
  for (let at = 0; at < todo.length; at += page) {
    const records = await store.get(
      "records",
      todo.slice(at, at + page).map(({ id }) => id),
    );
    let done = at;
    for (const record of records.values()) {
      if (over()) return false;
      onProgress?.({ stage: "triples", done: done++, total: todo.length });
      const reply = await brain.reply(
        {
          messages: triplesPrompt(record.text.slice(0, longest * 2)),
          form: { kind: "gbnf", grammar: triplesGrammar() },
          max: 400,
          think: "off",
          sampling: { temperature: 0 },
        },
        { signal },
      );
      const parsed = parseTriples(reply.text);
      const ops = tripleOps(known, record, parsed.ok ? parsed.value : [], new Date(now()).toISOString());
      result.entities += ops.filter((op) => op.table === "entities").length;
      result.relations += ops.filter(
        (op) => op.put && op.table === "relations" && !known.relations.has(op.value.id),
      ).length;
      await store.write(ops);
    }
  }
  return true;
};

const think: Stage = async ({ store, brain, now }, { onProgress, signal }, result, over) => {
  const todo = await store.slim("records", undefined, `${kept} AND NOT clustered`);
  todo.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const left = new Set(todo.map(({ id }) => id));
  for (const { id } of todo) {
    if (!left.has(id)) continue;
    // A few new memories alone wait for more.
    if (left.size < cluster.least) break;
    if (over()) return false;
    onProgress?.({ stage: "thoughts", done: todo.length - left.size, total: todo.length });
    const seed = await store.one("records", id);
    if (!seed) {
      left.delete(id);
      continue;
    }
    const near = await store.text("records", seed.text.slice(0, longest), cluster.most * 3, "valid");
    const ids = [id, ...near.map((each) => each.id).filter((each) => each !== id && left.has(each))];
    const records = [...(await store.get("records", ids.slice(0, cluster.most))).values()];
    records.forEach((record) => left.delete(record.id));
    const marks = records.map((record) => put("records", { ...record, clustered: true }));
    if (records.length < cluster.least) {
      await store.write(marks);
      continue;
    }
    const reply = await brain.reply(
      {
        messages: reflectPrompt(records.map(({ text }) => text.slice(0, longest))),
        form: { kind: "gbnf", grammar: reflectGrammar(records.length) },
        max: 160,
        think: "off",
        sampling: { temperature: 0 },
      },
      { signal },
    );
    const parsed = parseReflect(reply.text, records.length);
    const thoughts = (parsed.ok ? parsed.value : []).map(({ thought, because }): MemoryThought => {
      const evidence = [...new Set(because.map((i) => records[i]?.id ?? ""))].filter(Boolean).sort();
      return {
        // Of the evidence, so that thinking it again is no second thought.
        id: `thought:${sha256(evidence.join("\n")).slice(0, 16)}`,
        text: thought,
        kind: "thought",
        time: new Date(now()).toISOString(),
        evidence,
        importance: 0.6,
        pinned: false,
      };
    });
    result.thoughts += thoughts.length;
    await store.write([...thoughts.map((thought) => put("thoughts", thought)), ...marks]);
  }
  return true;
};

const sumUp: Stage = async ({ store, graph, brain, now }, { onProgress, signal }, result, over) => {
  const known = await graph();
  if (known.relations.size === 0) return true;
  const found = communities(known);
  const moved = [...known.entities.values()].filter(({ id, communities: old }) => old.join() !== found.get(id)?.join());
  for (let at = 0; at < moved.length; at += page) {
    const ops = moved
      .slice(at, at + page)
      .map((entity) => put("entities", { ...entity, communities: found.get(entity.id) ?? [] }));
    await store.write(ops);
  }
  const facts = new Map<string, { level: number; facts: string[]; evidence: Set<string> }>();
  for (const { from, to, relation, records, fromName = "", toName = "", validTo } of known.relations.values()) {
    const [a, b] = [found.get(from), found.get(to)];
    if (validTo !== null || !a || !b) continue;
    a.forEach((id, level) => {
      if (b[level] !== id) return;
      const group = facts.get(id) ?? { level, facts: [], evidence: new Set<string>() };
      group.facts.push(`${fromName} ${relation} ${toName}`);
      records.forEach((record) => group.evidence.add(record));
      facts.set(id, group);
    });
  }
  const old = [...known.thoughts.values()].filter(({ kind }) => kind === "community");
  await store.write(old.filter(({ community = "" }) => !facts.has(community)).map(({ id }) => remove("thoughts", id)));
  const there = new Set(old.map(({ id }) => id));
  const sums = new Map(old.map(({ community = "", text }) => [community, text]));
  // Fine ones first: a coarse one is summed up from what was said of its fine ones.
  const order = [...facts].filter(([, group]) => group.facts.length > 1).sort((a, b) => a[1].level - b[1].level);
  let done = 0;
  for (const [community, group] of order) {
    if (over()) return false;
    onProgress?.({ stage: "communities", done: done++, total: order.length });
    const fine = [...new Set([...found.values()].filter(([, coarse]) => coarse === community).map(([one]) => one))];
    const said = fine.flatMap((id) => sums.get(id) ?? []);
    const lines = group.level === 1 && said.length > 1 ? said : group.facts;
    const id = `thought:${sha256([community, ...[...group.facts].sort()].join("\n")).slice(0, 16)}`;
    if (there.has(id)) continue;
    const messages = communityPrompt(lines.slice(0, factsOfCommunity).map((line) => line.slice(0, 240)));
    const reply = await brain.reply({ messages, max: 80, think: "off", sampling: { temperature: 0 } }, { signal });
    const parsed = parseSummary(reply.text);
    if (!parsed.ok) continue;
    sums.set(community, parsed.value);
    const before = old.filter((each) => each.community === community).map((each) => remove("thoughts", each.id));
    const thought: MemoryThought = {
      id,
      text: parsed.value,
      kind: "community",
      time: new Date(now()).toISOString(),
      evidence: [...group.evidence].sort(),
      importance: 0.4,
      pinned: false,
      community,
    };
    await store.write([...before, put("thoughts", thought)]);
    result.communities++;
  }
  return true;
};

const fade: Stage = async ({ store, now }, { onProgress }, _result, over) => {
  const mark = await store.one("meta", "faded");
  const time = new Date(now()).toISOString();
  // A clock that went backwards fades nothing.
  const days = mark ? (now() - Date.parse(mark.time)) / 86_400_000 : 0;
  if (mark && days < 1) return true;
  const all = days > 0 ? await store.slim("records", undefined, "valid") : [];
  for (let at = 0; at < all.length; at += page) {
    if (over()) return false;
    onProgress?.({ stage: "decay", done: at, total: all.length });
    const some = await store.get(
      "records",
      all.slice(at, at + page).map(({ id }) => id),
    );
    const since = mark?.time ?? time;
    const unused = [...some.values()].filter(
      ({ pinned, lastUsed, time: made }) => !pinned && (lastUsed ?? made) < since,
    );
    const faded = (importance: number): number => Math.max(0.05, importance * Math.pow(0.5, days / halfLife));
    await store.write(unused.map((record) => put("records", { ...record, importance: faded(record.importance) })));
  }
  await store.write([put("meta", { id: "faded", time })]);
  return true;
};
