import { randomBytes } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import type * as lancedb from "@lancedb/lancedb";
import type { Connection, Table } from "@lancedb/lancedb";
import type * as arrow from "apache-arrow";
import { errorData, fail } from "../../contract/errors";
import type { Row } from "./rows";

type Library = { lancedb: typeof lancedb; arrow: typeof arrow };

let library: Promise<Library> | undefined;

/** Loads LanceDB: about a second and 150 MB of library, so only when a memory is opened. */
function load(): Promise<Library> {
  // With fewer than four threads its full-text indexing waits for itself for ever (0.31, seen on two cores).
  process.env["LANCE_CPU_THREADS"] ??= String(Math.max(4, availableParallelism()));
  process.env["LANCEDB_LOG"] ??= "off";
  return (library ??= Promise.all([import("@lancedb/lancedb"), import("apache-arrow")]).then(([store, columns]) => ({
    lancedb: store,
    arrow: columns,
  })));
}

/** Fails with `timeout` when something has not ended by then: a remote store may never answer. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      try {
        fail("timeout", `${what} did not answer in ${Math.round(ms / 1000)} seconds.`);
      } catch (error) {
        reject(error as Error);
      }
    }, ms);
  });
  // Whoever comes too late is heard by nobody.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const textColumns = ["id", "at", "kind", "links", "valid", "extracted", "clustered", "version", "data"] as const;

/** The tables of one memory. Knows LanceDB and nothing of memories. */
export class Lance {
  private readonly tables = new Map<string, Table>();
  readonly indexed = new Set<string>();

  private constructor(
    private readonly lib: Library,
    private readonly db: Connection,
    /** The folder, where the store is one. */
    private readonly folder: string | undefined,
    readonly damaged: (sentence: string) => void,
  ) {}

  static async open(uri: string, damaged: (sentence: string) => void, apiKey?: string): Promise<Lance> {
    const lib = await load();
    const remote = isRemote(uri);
    if (!remote) await mkdir(uri, { recursive: true, mode: 0o700 });
    const db = await within(
      remote ? 15_000 : 60_000,
      "The memory's store",
      lib.lancedb.connect(uri, {
        readConsistencyInterval: 0,
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(remote ? { storageOptions: { timeout: "10s", connect_timeout: "5s", client_max_retries: "1" } } : {}),
      }),
    );
    const lance = new Lance(lib, db, remote ? undefined : uri, damaged);
    await within(remote ? 15_000 : 60_000, "The memory's store", db.tableNames());
    return lance;
  }

  close(): void {
    this.tables.forEach((table) => table.close());
    this.tables.clear();
    this.db.close();
  }

  /** The table when it is there. One that cannot be opened is set aside, and what can be read of it put in its place. */
  async table(name: string): Promise<Table | undefined> {
    const open = this.tables.get(name);
    if (open) return open;
    if (!(await this.db.tableNames()).includes(name)) return undefined;
    try {
      const table = await this.db.openTable(name);
      await table.countRows();
      this.tables.set(name, table);
      for (const { columns } of await table.listIndices())
        for (const column of columns) this.indexed.add(`${name}.${column}`);
      return table;
    } catch (error) {
      if (!this.folder) throw error;
      return this.heal(name, error);
    }
  }

  async rowsTable(name: string): Promise<Table> {
    return (await this.table(name)) ?? this.create(name, this.rowSchema());
  }

  async vectorTable(name: string, width: number): Promise<Table> {
    const { Schema, Field, Utf8, FixedSizeList, Float32 } = this.lib.arrow;
    const item = new Field("item", new Float32(), true);
    const fields = [new Field("id", new Utf8(), false), new Field("vector", new FixedSizeList(width, item), false)];
    return (await this.table(name)) ?? this.create(name, new Schema(fields));
  }

  names(): Promise<string[]> {
    return this.db.tableNames();
  }

  async drop(name: string): Promise<void> {
    this.tables.get(name)?.close();
    this.tables.delete(name);
    await this.db.dropTable(name);
  }

  /** Adds or replaces by id. */
  async merge(table: Table, rows: readonly object[]): Promise<void> {
    await table
      .mergeInsert("id")
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute(rows.map((row) => ({ ...row })));
  }

  async index(name: string, column: "words" | "id" | "vector"): Promise<void> {
    if (this.indexed.has(`${name}.${column}`)) return;
    const table = await this.table(name);
    if (!table) return;
    const { Index } = this.lib.lancedb;
    const config = {
      // Words come ready made: stems, and pairs of characters where a script has no spaces.
      words: () =>
        Index.fts({
          baseTokenizer: "whitespace",
          lowercase: false,
          stem: false,
          removeStopWords: false,
          asciiFolding: false,
          withPosition: false,
        }),
      id: () => Index.btree(),
      vector: () => Index.hnswSq({ distanceType: "cosine" }),
    }[column]();
    await table.createIndex(column, { config });
    this.indexed.add(`${name}.${column}`);
  }

  match(query: string): InstanceType<Library["lancedb"]["MatchQuery"]> {
    return new this.lib.lancedb.MatchQuery(query, "words");
  }

  /**
   * Reads from a table; a version that compaction took away meanwhile is read anew, and a table that cannot be read
   * twice is set aside and repaired.
   */
  async read<T>(name: string, work: (table: Table) => Promise<T>, empty: T): Promise<T> {
    const table = await this.table(name);
    if (!table) return empty;
    try {
      return await work(table);
    } catch {
      try {
        await table.checkoutLatest();
        return await work(table);
      } catch (error) {
        if (!this.folder || !isDamage(error)) throw error;
        return work(await this.heal(name, error));
      }
    }
  }

  /** Sets a damaged table aside and puts what can be read of it in its place. */
  async heal(name: string, cause: unknown): Promise<Table> {
    if (!this.folder) throw cause;
    const saved = name.startsWith("vectors_") ? [] : await this.salvage(name);
    this.tables.get(name)?.close();
    this.tables.delete(name);
    for (const key of [...this.indexed]) if (key.startsWith(`${name}.`)) this.indexed.delete(key);
    const aside = path.join(this.folder, "damaged");
    await mkdir(aside, { recursive: true });
    const place = path.join(aside, `${name}-${Date.now()}-${randomBytes(2).toString("hex")}.lance`);
    await rename(path.join(this.folder, `${name}.lance`), place);
    if (name.startsWith("vectors_")) {
      this.damaged(`The table ${name} was damaged (${errorData(cause).message.slice(0, 120)}) and is made anew.`);
      fail("damagedFile", `The table ${name} was damaged.`);
    }
    const table = await this.create(name, this.rowSchema());
    if (saved.length > 0) await table.add(saved.map((row) => ({ ...row })));
    this.damaged(
      `The table ${name} was damaged. ${saved.length} of its entries were read and kept; the rest lies in ${path.basename(aside)}/${path.basename(place)}.`,
    );
    return table;
  }

  /** Every row that some part of some version still gives. */
  private async salvage(name: string): Promise<Row[]> {
    const rows = new Map<string, Row>();
    let table: Table;
    try {
      table = await this.db.openTable(name);
    } catch {
      return this.older(name);
    }
    const total = await table.countRows().catch(() => 0);
    const take = async (from: number, count: number): Promise<void> => {
      try {
        for (const row of await table
          .query()
          .select([...textColumns, "words"])
          .offset(from)
          .limit(count)
          .toArray()) {
          const read = plain(row as Row);
          rows.set(read.id, read);
        }
      } catch {
        if (count <= 1) return;
        const half = Math.floor(count / 2);
        await take(from, half);
        await take(from + half, count - half);
      }
    };
    for (let at = 0; at < total; at += 4_096) await take(at, Math.min(4_096, total - at));
    table.close();
    return [...rows.values()];
  }

  /** The newest version before one that cannot be opened: its manifest is put aside, so that the one before counts. */
  private async older(name: string): Promise<Row[]> {
    const { readdir } = await import("node:fs/promises");
    const folder = path.join(this.folder ?? "", `${name}.lance`, "_versions");
    const manifests = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".manifest")).sort();
    // Names count down from the largest number there is, so the first is the newest.
    const [newest] = manifests;
    if (newest === undefined || manifests.length < 2) return [];
    await rename(path.join(folder, newest), path.join(folder, `${newest}.damaged`));
    return this.salvage(name);
  }

  private async create(name: string, schema: arrow.Schema): Promise<Table> {
    const table = await this.db.createEmptyTable(name, schema, { mode: "create", existOk: true });
    this.tables.set(name, table);
    return table;
  }

  private rowSchema(): arrow.Schema {
    const { Schema, Field, Utf8, Float64, Bool, Int32 } = this.lib.arrow;
    const text = (column: string) => new Field(column, new Utf8(), false);
    const flag = (column: string) => new Field(column, new Bool(), false);
    return new Schema([
      text("id"),
      new Field("at", new Float64(), false),
      text("kind"),
      text("words"),
      text("links"),
      flag("valid"),
      flag("extracted"),
      flag("clustered"),
      new Field("version", new Int32(), false),
      text("data"),
    ]);
  }
}

/** An Arrow row as a plain object. */
export function plain(row: Row): Row {
  const { id, at, kind, words = "", links, valid, extracted, clustered, version, data } = row;
  return { id, at, kind, words, links, valid, extracted, clustered, version, data };
}

export function isRemote(uri: string): boolean {
  return /^[a-z0-9+]+:\/\//i.test(uri);
}

/** A text as SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function isDamage(error: unknown): boolean {
  return /not found|corrupt|invalid|decode|magic|manifest|truncat|unexpected|out of range|end of file|EOF|io error|lance error|panick|encod/i.test(
    errorData(error).message,
  );
}
