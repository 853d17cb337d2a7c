import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { MemoryPositions } from "../../contract/memoryView";
import { errorData } from "../../contract/errors";
import type { Log } from "../log";

/** Nodes whose places are kept at most. */
const most = 50_000;

/** Where the nodes of the Memory graph lay, in a file of the extension's own: what is lost with it is laid out anew. */
export class PositionsFile {
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: string,
    private readonly log: Pick<Log, "warn">,
  ) {}

  async read(): Promise<MemoryPositions> {
    try {
      return positionsIn(JSON.parse(await readFile(this.file, "utf8")));
    } catch (thrown) {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT")) {
        this.log.warn(`The places of the memory graph could not be read: ${errorData(thrown).message}`);
      }
      return {};
    }
  }

  /** One write after the other, each whole or not at all. */
  keep(positions: MemoryPositions): Promise<void> {
    const next = this.writing.then(() => this.write(positions));
    this.writing = next.catch((thrown: unknown) => {
      this.log.warn(`The places of the memory graph could not be kept: ${errorData(thrown).message}`);
    });
    return this.writing;
  }

  private async write(positions: MemoryPositions): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true });
    const fresh = `${this.file}.new`;
    await writeFile(fresh, JSON.stringify(positions));
    await rename(fresh, this.file);
  }
}

/** What of a stored value is places; the rest is left out. */
export function positionsIn(value: unknown): MemoryPositions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const good = Object.entries(value)
    .slice(0, most)
    .filter(
      (entry): entry is [string, [number, number]] =>
        Array.isArray(entry[1]) && entry[1].length === 2 && entry[1].every((each) => Number.isFinite(each)),
    );
  return Object.fromEntries(good);
}
