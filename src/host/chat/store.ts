import { mkdir, open, readFile, readdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Conversation, ConversationSummary } from "../../contract/conversation";
import { errorData } from "../../contract/errors";
import type { Log } from "../log";
import { isConversationId, readConversation } from "./stored";
import { summaryOf } from "./tree";

/**
 * Conversations as files, one each, in one folder. A file is written beside the old one and put in its place, so that
 * neither a crash nor a full disk leaves half a conversation. A damaged file is set aside, never deleted.
 */
export class ConversationStore {
  private readonly summaries = new Map<string, ConversationSummary>();
  private readonly pending = new Map<string, Conversation>();
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folder: string,
    private readonly log: Log,
    private readonly delayMs = 300,
  ) {}

  /** Reads what there is. Returns how many files were damaged and set aside. */
  async load(): Promise<{ damaged: number }> {
    await mkdir(this.folder, { recursive: true });
    let damaged = 0;
    for (const name of await readdir(this.folder)) {
      if (name.endsWith(".tmp")) await rm(path.join(this.folder, name), { force: true });
      if (!name.endsWith(".json")) continue;
      const conversation = await this.read(name.slice(0, -".json".length));
      if (conversation) this.summaries.set(conversation.id, summaryOf(conversation));
      else damaged += 1;
    }
    return { damaged };
  }

  /** Latest first. */
  list(): ConversationSummary[] {
    return [...this.summaries.values()].sort((a, b) => (a.updated < b.updated ? 1 : a.updated > b.updated ? -1 : 0));
  }

  async open(id: string): Promise<Conversation | null> {
    if (!isConversationId(id)) return null;
    return this.pending.get(id) ?? (this.summaries.has(id) ? await this.read(id) : null);
  }

  /** Keeps a conversation; it is on disk soon after, and at the latest after `flush`. */
  save(conversation: Conversation): void {
    if (!isConversationId(conversation.id)) throw new Error(`Not an id: ${JSON.stringify(conversation.id)}`);
    this.summaries.set(conversation.id, summaryOf(conversation));
    this.pending.set(conversation.id, conversation);
    this.timer ??= setTimeout(() => {
      this.flush().catch((thrown: unknown) => {
        this.log.error(`Conversations could not be saved: ${errorData(thrown).message}`);
      });
    }, this.delayMs);
  }

  async remove(id: string): Promise<void> {
    if (!isConversationId(id)) return;
    this.summaries.delete(id);
    this.pending.delete(id);
    await this.writing.catch(() => undefined);
    await rm(this.fileOf(id), { force: true });
  }

  /** Writes all that is not on disk yet. What could not be written stays pending, and is tried again with the next save. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const before = this.writing;
    this.writing = before.catch(() => undefined).then(() => this.writePending());
    await this.writing;
  }

  private async writePending(): Promise<void> {
    for (const [id, conversation] of [...this.pending]) {
      await mkdir(this.folder, { recursive: true });
      await writeAtomic(this.fileOf(id), JSON.stringify(conversation));
      if (this.pending.get(id) === conversation) this.pending.delete(id);
      // Removed while it was being written.
      if (!this.summaries.has(id)) await rm(this.fileOf(id), { force: true });
    }
  }

  private async read(id: string): Promise<Conversation | null> {
    const file = this.fileOf(id);
    try {
      const conversation = readConversation(await readFile(file, "utf8"));
      if (conversation.id === id) return conversation;
      this.log.warn(`${file} holds another conversation than its name says.`);
    } catch (thrown) {
      this.log.warn(`${file}: ${errorData(thrown).message}`);
      if (errorData(thrown).code !== "damagedFile") return null;
    }
    const aside = `${file}.damaged`;
    await rename(file, aside);
    this.log.warn(`It was set aside as ${aside}.`);
    return null;
  }

  private fileOf(id: string): string {
    return path.join(this.folder, `${id}.json`);
  }
}

async function writeAtomic(file: string, text: string): Promise<void> {
  const beside = `${file}.tmp`;
  const handle = await open(beside, "w");
  try {
    await handle.writeFile(text, "utf8");
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}
