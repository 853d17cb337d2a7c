import type { VectorPort } from "../tools/selection/toolIndex";
import { sha256 } from "../tools/hash";
import { quoted } from "./lance";
import type { Found, MemoryStore } from "./store";

const batch = 64;
/** From so many vectors on a search goes through an index: before, comparing with all is as fast. */
const indexFrom = 20_000;

/**
 * Vectors of records and thoughts, in a table of their own for each model and width, so that a change of model touches
 * no memory: a new table is filled in the background and the old one goes when it is done.
 */
export class MemoryVectors {
  private width = 0;
  private done = 0;
  private waiting = new Map<string, string>();
  private working: Promise<void> | undefined;

  constructor(
    private readonly store: MemoryStore,
    private readonly port: VectorPort,
  ) {}

  get model(): string {
    return this.port.model;
  }

  get count(): number {
    return this.done;
  }

  private get name(): string {
    return `vectors_${sha256(this.port.model).slice(0, 8)}_${this.width}`;
  }

  /** Finds out what is embedded already and what is missing. */
  async open(signal?: AbortSignal): Promise<void> {
    const [probe] = await this.port.embed(["memory"]);
    this.width = probe?.length ?? 0;
    if (this.width === 0) return;
    const lance = await this.store.tables();
    if (!lance) return;
    await this.store.flush();
    const known = new Set<string>();
    if ((await lance.names()).includes(this.name)) {
      const rows = await lance.read(
        this.name,
        async (table) => (await table.query().select(["id"]).toArray()) as { id: string }[],
        [],
      );
      rows.forEach(({ id }) => known.add(id));
    }
    this.done = known.size;
    for (const table of ["records", "thoughts"] as const) {
      const missing = (await this.store.slim(table)).filter(({ id, valid }) => valid && !known.has(id));
      for (let at = 0; at < missing.length; at += 1_000) {
        signal?.throwIfAborted();
        const some = await this.store.get(
          table,
          missing.slice(at, at + 1_000).map(({ id }) => id),
        );
        for (const { id, text } of some.values()) this.waiting.set(id, text);
      }
    }
    await this.work(signal);
    for (const name of await lance.names())
      if (name.startsWith("vectors_") && name !== this.name) await lance.drop(name);
  }

  /** Queues texts; they are embedded when somebody waits or `work` is called. */
  add(id: string, text: string): void {
    this.waiting.set(id, text);
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.waiting.delete(id);
    void this.store.tables().then(async (lance) => {
      if (!lance || this.width === 0 || !(await lance.names()).includes(this.name)) return;
      await lance.read(this.name, (table) => table.delete(`id IN (${ids.map(quoted).join(",")})`), undefined);
    });
  }

  /** Embeds what waits. */
  work(signal?: AbortSignal): Promise<void> {
    return (this.working ??= this.embedWaiting(signal).finally(() => (this.working = undefined)));
  }

  /** The nearest by cosine, best first; empty while there are no vectors. */
  async search(query: string, limit: number): Promise<Found[]> {
    if (this.width === 0 || this.done === 0) return [];
    const lance = await this.store.tables();
    const [vector] = await this.port.embed([query.slice(0, 4_000)]);
    if (!lance || vector?.length !== this.width) return [];
    const rows = await lance.read(
      this.name,
      async (table) =>
        (await table
          .query()
          .nearestTo(vector)
          .distanceType("cosine")
          .select(["id", "_distance"])
          .limit(limit)
          .toArray()) as {
          id: string;
          _distance: number;
        }[],
      [],
    );
    return rows.map(({ id, _distance }) => ({ id, score: 1 - _distance }));
  }

  private async embedWaiting(signal?: AbortSignal): Promise<void> {
    const lance = await this.store.tables();
    if (!lance || this.width === 0) return;
    while (this.waiting.size > 0) {
      signal?.throwIfAborted();
      const some = [...this.waiting].slice(0, batch);
      const vectors = await this.port.embed(some.map(([, text]) => text.slice(0, 4_000)));
      const rows = some.flatMap(([id], i) => {
        const vector = vectors[i];
        return vector?.length === this.width && vector.every(Number.isFinite)
          ? [{ id, vector: Array.from(vector) }]
          : [];
      });
      const table = await lance.vectorTable(this.name, this.width);
      if (rows.length > 0) await lance.merge(table, rows);
      for (const [id, text] of some) if (this.waiting.get(id) === text) this.waiting.delete(id);
      this.done += rows.length;
    }
    if (this.done > indexFrom) await lance.index(this.name, "vector");
  }
}
