import type { JsonSchema } from "../../../contract/json";
import { expanded } from "./expand";
import type { Found } from "./selector";
import { queryWords, TextIndex, type Field } from "./textIndex";

/** What of a tool is searched. */
export interface IndexedTool {
  name: string;
  description: string;
  parameters: JsonSchema;
  /** Goals it served successfully. */
  goals?: readonly string[];
}

/** Vectors of texts, where a model for them is at hand: `width` numbers a text, unit length. */
export interface VectorPort {
  /** Names the model, so that vectors of another one are not mixed in. */
  readonly model: string;
  embed(texts: readonly string[]): Promise<Float32Array[]>;
}

const weights = { name: 3, description: 1, argument: 0.3, argumentText: 0.3, goals: 0.5 } as const;
/** Part of a word's weight that its neighbours in meaning get. */
const share = 0.4;
/** Pseudo-relevance feedback (RM3, Lavrenko and Croft 2001): how many first hits lend words, how many, and their weight. */
const feedback = { hits: 5, words: 15, weight: 0.15 } as const;
/** Reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009). */
const fusion = 60;

/**
 * Search over tools: BM25F on name, description, arguments and past goals, with words of the same meaning and feedback
 * from the first hits; fused with vectors where there are some. In memory, since a registry is: 5,000 tools are indexed in
 * a fraction of a second and searched in a few milliseconds, with nothing on disk to keep in step.
 */
export class ToolIndex {
  private readonly text: TextIndex;
  private readonly places = new Map<string, number>();
  private vectors: { width: number; rows: Float32Array[] } | undefined;

  constructor(private readonly tools: readonly IndexedTool[]) {
    this.text = new TextIndex(tools.map((tool) => ({ id: tool.name, fields: fieldsOf(tool) })));
    tools.forEach(({ name }, i) => this.places.set(name, i));
  }

  get size(): number {
    return this.tools.length;
  }

  /** Vectors for all tools, from a cache where their text is known. */
  async embed(port: VectorPort, cache: Map<string, Float32Array>): Promise<void> {
    const texts = this.tools.map((tool) => `${tool.name.replaceAll("_", " ")}: ${tool.description}`.slice(0, 2_000));
    const key = (text: string) => `${port.model}\n${text}`;
    const missing = [...new Set(texts.filter((text) => !cache.has(key(text))))];
    for (let at = 0; at < missing.length; at += 64) {
      const part = missing.slice(at, at + 64);
      (await port.embed(part)).forEach((vector, i) => cache.set(key(part[i] ?? ""), vector));
    }
    const rows = texts.map((text) => cache.get(key(text)) ?? new Float32Array());
    this.vectors = { width: rows[0]?.length ?? 0, rows };
  }

  /** The best k. `beside` is a text of less weight: the latest observation. */
  search(query: string, k: number, beside = "", vector?: Float32Array): Found[] {
    const wanted = queryWords(query.slice(0, 8_000));
    for (const [word, weight] of queryWords(beside.slice(0, 1_000))) {
      if (!wanted.has(word)) wanted.set(word, weight * 0.3);
    }
    const first = expanded(wanted, share);
    const scores = this.text.scores(this.fedBack(first));
    const byText = this.text.best(scores, Math.max(k, 50));
    if (!vector || !this.vectors || vector.length !== this.vectors.width) {
      return byText.slice(0, k).map(({ id, score }) => ({ name: id, score }));
    }
    return this.fused(
      byText.map(({ id }) => id),
      this.nearest(vector, Math.max(k, 50)),
      k,
    );
  }

  private fedBack(query: ReadonlyMap<string, number>): Map<string, number> {
    const out = new Map(query);
    const hits = this.text.search(query, feedback.hits);
    const best = hits[0]?.score ?? 0;
    const lent = new Map<string, number>();
    for (const { id, score } of hits) {
      for (const [word, count] of this.text.wordsOf(this.places.get(id) ?? -1)) {
        lent.set(word, (lent.get(word) ?? 0) + (Math.min(count, 3) * this.text.idf(word) * score) / best);
      }
    }
    const top = [...lent].sort((a, b) => b[1] - a[1]).slice(0, feedback.words);
    const most = top[0]?.[1] ?? 1;
    for (const [word, value] of top) out.set(word, (out.get(word) ?? 0) + (feedback.weight * value) / most);
    return out;
  }

  private nearest(vector: Float32Array, k: number): string[] {
    const rows = this.vectors?.rows ?? [];
    const scored = rows.map((row, i) => {
      let sum = 0;
      for (let j = 0; j < row.length; j++) sum += (row[j] ?? 0) * (vector[j] ?? 0);
      return { i, sum };
    });
    return scored
      .sort((a, b) => b.sum - a.sum)
      .slice(0, k)
      .map(({ i }) => this.tools[i]?.name ?? "");
  }

  private fused(byText: string[], byVector: string[], k: number): Found[] {
    const scores = new Map<string, number>();
    for (const list of [byText, byVector]) {
      list.forEach((name, rank) => scores.set(name, (scores.get(name) ?? 0) + 1 / (fusion + rank + 1)));
    }
    return [...scores]
      .sort((a, b) => b[1] - a[1])
      .slice(0, k)
      .map(([name, score]) => ({ name, score }));
  }
}

function fieldsOf({ name, description, parameters, goals = [] }: IndexedTool): Field[] {
  const names: string[] = [];
  const texts: string[] = [];
  gather(parameters, names, texts, 0);
  return [
    { text: name, weight: weights.name },
    { text: description, weight: weights.description },
    { text: names.join(" "), weight: weights.argument },
    { text: texts.join(" "), weight: weights.argumentText },
    ...(goals.length > 0 ? [{ text: goals.join(" "), weight: weights.goals }] : []),
  ];
}

function gather(schema: JsonSchema | undefined, names: string[], texts: string[], depth: number): void {
  if (!schema || depth > 6) return;
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    names.push(name);
    if (typeof part?.description === "string") texts.push(part.description);
    gather(part, names, texts, depth + 1);
  }
  gather(schema.items, names, texts, depth + 1);
}
