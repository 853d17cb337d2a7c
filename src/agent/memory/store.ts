import path from "node:path";
import type { Table } from "@lancedb/lancedb";
import { errorData } from "../../contract/errors";
import { queryWords, TextIndex } from "../tools/selection/textIndex";
import { Journal } from "./journal";
import { isRemote, Lance, plain, quoted, within } from "./lance";
import { rowOf, schemaVersion, tableNames, valueOf, type Op, type Row, type TableName, type ValueOf } from "./rows";

export interface StoreOptions {
  /** Where the journal lies, and the tables where no `uri` is given. */
  folder: string;
  /** Any address LanceDB takes. */
  uri?: string;
  apiKey?: string;
  /** Told what went wrong and was handled. */
  onProblem?: (sentence: string) => void;
  /** Told of every write of this process, after it was acknowledged. */
  onWrite?: (ops: readonly Op[]) => void;
  /** Milliseconds a write may wait before it is in the tables. */
  lag?: number;
}

export interface Found {
  id: string;
  score: number;
}

/** What of a row is scanned without reading its whole. */
export type Slim = Pick<Row, "id" | "at" | "kind" | "links" | "valid">;

const chunk = 500;
const retry = { first: 1_000, most: 60_000 };
/** Rows that are in no index yet, or pieces of a table, before indices and pieces are put in order. */
const untidy = { rows: 4_096, fragments: 48 };
/** Below so many indexed rows, new ones are indexed before a search. */
const smallIndex = 2_000;
/** Old versions are kept this long for readers that are on one. */
const versionsKept = 2 * 60_000;

/**
 * The memory's tables. A write is acknowledged when it is in the journal on disk, and goes to LanceDB a moment later, many
 * at once: by id, so that doing it twice is doing it once. Reads see both. Where the store cannot be reached, writes stay
 * in the journal and are tried again.
 */
export class MemoryStore {
  private readonly pending = new Map<TableName, Map<string, Row | null>>();
  private journal: Journal;
  private lance: Lance | undefined;
  private opening: Promise<Lance> | undefined;
  private flushing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private wait = retry.first;
  private notBefore = 0;
  private tidying: Promise<void> | undefined;
  private written = 0;
  private closed = false;
  private lastProblem = "";
  private readonly large = new Set<TableName>();

  private constructor(private readonly options: StoreOptions) {
    this.journal = new Journal(path.join(options.folder, "journal"));
  }

  /** Opens the memory of a folder; what an earlier process left in its journal is taken over. */
  static async open(options: StoreOptions): Promise<MemoryStore> {
    const store = new MemoryStore(options);
    for (const ops of await store.journal.takeOver()) store.hold(ops);
    if (store.remote) store.schedule();
    else {
      await store.connect();
      if (store.queued > 0) await store.flush();
      await store.migrate();
    }
    return store;
  }

  get remote(): boolean {
    return this.options.uri !== undefined && isRemote(this.options.uri);
  }

  get where(): string {
    return this.options.uri ?? this.options.folder;
  }

  /** Writes that are on disk in the journal only. */
  get queued(): number {
    let count = 0;
    for (const rows of this.pending.values()) count += rows.size;
    return count;
  }

  /** Safe on disk when it resolves: all of it or nothing. */
  async write(ops: readonly Op[]): Promise<void> {
    if (ops.length === 0) return;
    // A row that cannot be made must fail before anything is written.
    ops.forEach((op) => op.put && rowOf(op));
    await this.journal.append(ops);
    this.hold(ops);
    this.options.onWrite?.(ops);
    this.schedule();
  }

  /**
   * Many rows at once, past the journal: in the tables when it resolves. For imports, which can be repeated: ids that
   * are there already are replaced.
   */
  async bulk<T extends TableName>(table: T, values: readonly ValueOf<T>[]): Promise<void> {
    if (values.length === 0) return;
    const lance = await this.connect();
    const rows = values.map((value) => rowOf({ table, value } as Parameters<typeof rowOf>[0]));
    const there = new Set(
      (
        await this.slim(
          table,
          rows.map(({ id }) => id),
        )
      ).map(({ id }) => id),
    );
    const to = await lance.rowsTable(table);
    const fresh = [...new Map(rows.filter(({ id }) => !there.has(id)).map((row) => [row.id, row])).values()];
    const known = rows.filter(({ id }) => there.has(id));
    if (fresh.length > 0) await to.add(fresh.map((row) => ({ ...row })));
    for (let at = 0; at < known.length; at += chunk * 4) await lance.merge(to, known.slice(at, at + chunk * 4));
    this.options.onWrite?.(values.map((value) => ({ put: true, table, value }) as unknown as Op));
    await lance.index(table, "id");
  }

  async get<T extends TableName>(table: T, ids: readonly string[]): Promise<Map<string, ValueOf<T>>> {
    const out = new Map<string, ValueOf<T>>();
    for (const row of await this.rows(table, ids)) out.set(row.id, valueOf(table, row));
    return out;
  }

  async one<T extends TableName>(table: T, id: string): Promise<ValueOf<T> | undefined> {
    return (await this.get(table, [id])).get(id);
  }

  /** The rows that match a condition (SQL over the columns of `Row`), newest first where `newest`. */
  async list<T extends TableName>(
    table: T,
    { where, limit, offset = 0, newest = false }: { where?: string; limit: number; offset?: number; newest?: boolean },
  ): Promise<ValueOf<T>[]> {
    await this.settle();
    const rows = await this.read(table, [], async (open) => {
      let query = open.query().select(["id", "at", "version", "data"]);
      if (where) query = query.where(where);
      if (newest)
        query = query.orderBy([
          { columnName: "at", ascending: false },
          { columnName: "id", ascending: true },
        ]);
      return (await query.offset(offset).limit(limit).toArray()) as Row[];
    });
    const held = this.pending.get(table);
    if (!held || held.size === 0) return rows.map((row) => valueOf(table, row));
    // Only where the store cannot be reached: what waits is shown before the rest.
    const waiting = offset > 0 ? [] : [...held.values()].filter((row) => row !== null);
    const rest = rows.filter(({ id }) => !held.has(id));
    return [...waiting, ...rest].slice(0, limit).map((row) => valueOf(table, row));
  }

  async count(table: TableName, where?: string): Promise<number> {
    await this.settle();
    return this.read(table, 0, (open) => open.countRows(where)).catch(() => this.pending.get(table)?.size ?? 0);
  }

  /** Ids and links of all rows, or of some. */
  async slim(table: TableName, ids?: readonly string[], where?: string): Promise<Slim[]> {
    await this.settle();
    const columns = ["id", "at", "kind", "links", "valid"];
    if (!ids) {
      return this.read(table, [], async (open) => {
        const query = open.query().select(columns);
        const rows = (await (where ? query.where(where) : query).toArray()) as Slim[];
        return rows.map(({ id, at, kind, links, valid }) => ({ id, at, kind, links, valid }));
      });
    }
    const out: Slim[] = [];
    for (let at = 0; at < ids.length; at += chunk) {
      const some = ids
        .slice(at, at + chunk)
        .map(quoted)
        .join(",");
      const rows = await this.read(
        table,
        [],
        async (open) => (await open.query().where(`id IN (${some})`).select(columns).limit(chunk).toArray()) as Slim[],
      );
      out.push(...rows);
    }
    return out;
  }

  /** Full-text search by BM25, best first. Several fields of one query are words with spaces between. */
  async text(table: TableName, query: string, limit: number, where?: string): Promise<Found[]> {
    const wanted = [...queryWords(query).keys()].slice(0, 48);
    if (wanted.length === 0) return [];
    await this.settle();
    const found = await this.read(table, [], async (open, lance) => {
      await lance.index(table, "words");
      await this.indexSmall(table, open);
      let search = open
        .query()
        .fullTextSearch(lance.match(wanted.join(" ")))
        .select(["id", "_score"]);
      if (where) search = search.where(where);
      return (await search.limit(limit).toArray()) as { id: string; _score: number }[];
    }).catch((error: unknown) => {
      if (this.queued > 0) return [];
      throw error;
    });
    const held = this.pending.get(table);
    const scored = found.filter(({ id }) => !held?.has(id)).map(({ id, _score }) => ({ id, score: _score }));
    if (!held || held.size === 0) return scored;
    const rows = [...held.values()].filter((row) => row !== null && (where === undefined || row.valid)) as Row[];
    const index = new TextIndex(rows.map(({ id, words }) => ({ id, fields: [{ text: words, weight: 1 }] })));
    return [...index.search(queryWords(query), limit), ...scored].slice(0, limit);
  }

  /** The tables as LanceDB has them, for vectors; undefined while the store cannot be reached. */
  async tables(): Promise<Lance | undefined> {
    return this.connect().catch(() => undefined);
  }

  /** Everything held is in the tables when it resolves; false where the store cannot be reached. */
  async flush(): Promise<boolean> {
    this.flushing ??= this.pour().finally(() => (this.flushing = undefined));
    try {
      await this.flushing;
      return true;
    } catch (error) {
      this.problem(
        this.remote
          ? `The memory's store ${this.where} cannot be reached (${errorData(error).message.slice(0, 160)}). ${this.queued} writes wait on disk.`
          : `The memory could not be written (${errorData(error).message.slice(0, 160)}). ${this.queued} writes wait in its journal.`,
      );
      this.notBefore = Date.now() + this.wait;
      this.wait = Math.min(retry.most, this.wait * 2);
      await this.journal.touch();
      this.schedule();
      return false;
    }
  }

  /** Puts indices, pieces and old versions in order. */
  tidy(force = false): Promise<void> {
    return (this.tidying ??= this.putInOrder(force).finally(() => (this.tidying = undefined)));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    await this.tidying?.catch(() => undefined);
    // What cannot be flushed stays in the journal, for the next one who opens.
    if (this.queued > 0) await this.flush();
    clearTimeout(this.timer);
    await this.journal.close();
    this.lance?.close();
    this.lance = undefined;
  }

  private async rows(table: TableName, ids: readonly string[]): Promise<Row[]> {
    const held = this.pending.get(table);
    const out: Row[] = [];
    const rest: string[] = [];
    for (const id of new Set(ids)) {
      const row = held?.get(id);
      if (row) out.push(row);
      else if (row === undefined) rest.push(id);
    }
    for (let at = 0; at < rest.length; at += chunk) {
      const some = rest.slice(at, at + chunk);
      const where = `id IN (${some.map(quoted).join(",")})`;
      const columns = ["id", "at", "version", "data"];
      const rows = await this.read(
        table,
        [],
        async (open) => (await open.query().where(where).select(columns).limit(some.length).toArray()) as Row[],
      );
      out.push(...rows);
    }
    return out;
  }

  private async read<T>(table: TableName, empty: T, work: (open: Table, lance: Lance) => Promise<T>): Promise<T> {
    if (this.remote && Date.now() < this.notBefore) return empty;
    let lance: Lance;
    try {
      lance = await this.connect();
    } catch (error) {
      if (!this.remote) throw error;
      this.problem(`The memory's store ${this.where} cannot be reached (${errorData(error).message.slice(0, 160)}).`);
      this.notBefore = Date.now() + this.wait;
      this.wait = Math.min(retry.most, this.wait * 2);
      return empty;
    }
    const reading = lance.read(table, (open) => work(open, lance), empty);
    return this.remote ? within(15_000, "The memory's store", reading) : reading;
  }

  /**
   * Rows that are in no index yet are scored by the word counts of those that are: while these are few, a word can be in
   * more rows than the index knows of, and LanceDB (0.31) leaves such rows out. A small table is therefore indexed at once.
   */
  private async indexSmall(name: TableName, table: Table): Promise<void> {
    if (this.large.has(name)) return;
    const stats = await table.indexStats("words_idx");
    if (!stats) return;
    if (stats.numIndexedRows >= smallIndex) this.large.add(name);
    else if (stats.numUnindexedRows > 0) await table.optimize();
  }

  private hold(ops: readonly Op[]): void {
    for (const op of ops) {
      const rows = this.pending.get(op.table) ?? new Map<string, Row | null>();
      this.pending.set(op.table, rows);
      if (op.put) rows.set(op.value.id, rowOf(op));
      else rows.set(op.id, null);
    }
  }

  private schedule(): void {
    if (this.closed || this.timer) return;
    const lag = Math.max(this.options.lag ?? 250, this.notBefore - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.queued > 0)
        void this.flush().then((done) => (done ? void this.tidy().catch(() => undefined) : undefined));
    }, lag);
    this.timer.unref();
  }

  /** What was written before is in the tables, where they can be reached. */
  private async settle(): Promise<void> {
    if (this.queued > 0 && Date.now() >= this.notBefore) await this.flush();
  }

  private async pour(): Promise<void> {
    const lance = await this.connect();
    const files = await this.journal.rotate();
    for (const [table, rows] of this.pending) {
      const batch = [...rows];
      if (batch.length === 0) continue;
      const open = await lance.rowsTable(table);
      const puts = batch.flatMap(([, row]) => (row ? [row] : []));
      const gone = batch.flatMap(([id, row]) => (row ? [] : [id]));
      for (let at = 0; at < puts.length; at += chunk * 4) await lance.merge(open, puts.slice(at, at + chunk * 4));
      for (let at = 0; at < gone.length; at += chunk)
        await open.delete(
          `id IN (${gone
            .slice(at, at + chunk)
            .map(quoted)
            .join(",")})`,
        );
      // What was written again meanwhile stays held.
      for (const [id, row] of batch) if (rows.get(id) === row) rows.delete(id);
      this.written += batch.length;
    }
    await this.journal.drop(files);
    this.wait = retry.first;
    this.notBefore = 0;
  }

  private connect(): Promise<Lance> {
    if (this.lance) return Promise.resolve(this.lance);
    this.opening ??= Lance.open(this.where, (sentence) => this.problem(sentence), this.options.apiKey)
      .then((lance) => (this.lance = lance))
      .finally(() => (this.opening = undefined));
    return this.opening;
  }

  private async putInOrder(force: boolean): Promise<void> {
    const lance = await this.connect();
    for (const name of await lance.names()) {
      const table = await lance.table(name);
      if (!table) continue;
      if (tableNames.includes(name as TableName)) {
        await lance.index(name, "id");
        if (name !== "meta" && name !== "usage") await lance.index(name, "words");
      }
      const { numRows, fragmentStats } = await table.stats();
      const unindexed = (await table.indexStats("words_idx"))?.numUnindexedRows ?? 0;
      const small = fragmentStats.numSmallFragments;
      if (!force && unindexed < Math.max(untidy.rows, numRows / 20) && small < untidy.fragments) continue;
      await table.optimize({ cleanupOlderThan: new Date(Date.now() - versionsKept) });
    }
  }

  /** Rewrites rows of older versions, some at a time; reads understand both, so it may be broken off anywhere. */
  private async migrate(): Promise<void> {
    const lance = await this.connect();
    for (const name of tableNames) {
      const table = await lance.table(name);
      if (!table) continue;
      for (;;) {
        const older = async (open: Table): Promise<Row[]> =>
          ((await open.query().where(`version < ${schemaVersion}`).limit(1_000).toArray()) as Row[]).map(plain);
        const old = await lance.read(name, older, []);
        if (old.length === 0) break;
        const rows = old.map((row) =>
          rowOf({ table: name, value: valueOf(name, row) } as unknown as Parameters<typeof rowOf>[0]),
        );
        await lance.merge(table, rows);
      }
    }
  }

  private problem(sentence: string): void {
    if (sentence === this.lastProblem) return;
    this.lastProblem = sentence;
    this.options.onProblem?.(sentence);
  }
}
