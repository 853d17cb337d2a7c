import { words } from "./words";

/** A field of a document and how much a word in it counts. */
export interface Field {
  text: string;
  weight: number;
}

export interface TextDocument {
  id: string;
  fields: Field[];
}

export interface Hit {
  id: string;
  score: number;
}

const k1 = 1.2;
const b = 0.5;

/**
 * Full-text search by BM25F (Robertson and Zaragoza 2009): word counts of the fields are weighted and added before they
 * are saturated. An inverted index in memory: thousands of tools take a few megabytes and a search about a millisecond.
 */
export class TextIndex {
  private readonly ids: string[] = [];
  private readonly lengths: number[] = [];
  private readonly postings = new Map<string, { documents: number[]; counts: number[] }>();
  private readonly vectors: Map<string, number>[] = [];
  private total = 0;

  constructor(documents: readonly TextDocument[]) {
    for (const { id, fields } of documents) this.add(id, fields);
  }

  get size(): number {
    return this.ids.length;
  }

  /** How rare a word is. */
  idf(word: string): number {
    const found = this.postings.get(word)?.documents.length ?? 0;
    return Math.log(1 + (this.size - found + 0.5) / (found + 0.5));
  }

  knows(word: string): boolean {
    return this.postings.has(word);
  }

  /** Scores of all documents that share a word with the query; the query's words may be weighted. */
  scores(query: ReadonlyMap<string, number>): Float64Array {
    const scores = new Float64Array(this.size);
    const average = this.total / Math.max(1, this.size);
    for (const [word, weight] of query) {
      const posting = this.postings.get(word);
      if (!posting) continue;
      const idf = this.idf(word) * weight;
      const { documents, counts } = posting;
      for (let i = 0; i < documents.length; i++) {
        const document = documents[i] ?? 0;
        const norm = 1 - b + (b * (this.lengths[document] ?? 0)) / average;
        const count = (counts[i] ?? 0) / norm;
        scores[document] = (scores[document] ?? 0) + (idf * count * (k1 + 1)) / (count + k1);
      }
    }
    return scores;
  }

  /** The best k of some scores, best first; none with a score of zero. */
  best(scores: Float64Array, k: number): Hit[] {
    const order: number[] = [];
    for (let i = 0; i < scores.length; i++) if ((scores[i] ?? 0) > 0) order.push(i);
    order.sort((x, y) => (scores[y] ?? 0) - (scores[x] ?? 0) || x - y);
    return order.slice(0, k).map((i) => ({ id: this.ids[i] ?? "", score: scores[i] ?? 0 }));
  }

  search(query: ReadonlyMap<string, number>, k: number): Hit[] {
    return this.best(this.scores(query), k);
  }

  idAt(i: number): string {
    return this.ids[i] ?? "";
  }

  /** The words of a document with their weighted counts. */
  wordsOf(i: number): ReadonlyMap<string, number> {
    return this.vectors[i] ?? new Map<string, number>();
  }

  private add(id: string, fields: readonly Field[]): void {
    const counts = new Map<string, number>();
    let length = 0;
    for (const { text, weight } of fields) {
      for (const word of words(text)) {
        counts.set(word, (counts.get(word) ?? 0) + weight);
        length += weight;
      }
    }
    const document = this.ids.push(id) - 1;
    this.lengths.push(length);
    this.vectors.push(counts);
    this.total += length;
    for (const [word, count] of counts) {
      const posting = this.postings.get(word) ?? { documents: [], counts: [] };
      posting.documents.push(document);
      posting.counts.push(count);
      this.postings.set(word, posting);
    }
  }
}

/** A text as a query: each word once, with how often it stands there, dampened. */
export function queryWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const [word, count] of counts) counts.set(word, 1 + Math.log(count));
  return counts;
}
