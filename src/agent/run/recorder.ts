import type { AgentEvent, AgentEventBody, Clock, JournalLine, JournalPort } from "../../contract/agent";
import type { ChatMessage, ToolSpec } from "../../contract/chat";
import { sha256 } from "../tools/hash";

export type EventListener = (event: AgentEvent) => void;

/**
 * Tells and writes what happens. An event is on disk before the next thing is done, so that a crash loses at most what
 * was under way; running tokens are told but not written. A message is written once and named by its hash afterwards.
 */
export class Recorder {
  private readonly written = new Set<string>();
  private readonly listeners = new Set<EventListener>();

  constructor(
    readonly run: string,
    private readonly journal: JournalPort,
    private readonly clock: Clock,
  ) {}

  onEvent(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Takes over what an earlier process wrote. */
  knows(lines: readonly JournalLine[]): void {
    for (const line of lines) if (line.type === "message" || line.type === "tool") this.written.add(line.hash);
  }

  async emit<E extends AgentEventBody>(body: E): Promise<AgentEvent> {
    const event = this.stamped(body);
    await this.write(event);
    this.tell(event);
    return event;
  }

  /** Tells without writing. */
  tellOnly(body: AgentEventBody): void {
    this.tell(this.stamped(body));
  }

  /** Writes messages that are new; gives the hashes of all. */
  async messages(messages: readonly ChatMessage[]): Promise<string[]> {
    const hashes: string[] = [];
    for (const message of messages) {
      const hash = sha256(JSON.stringify(message)).slice(0, 16);
      hashes.push(hash);
      if (this.written.has(hash)) continue;
      this.written.add(hash);
      await this.write({ at: this.at(), run: this.run, type: "message", hash, message });
    }
    return hashes;
  }

  /** Writes tools as they are shown, those that are new; gives the hashes of all. */
  async specs(specs: readonly ToolSpec[]): Promise<string[]> {
    const hashes: string[] = [];
    for (const { name, description, parameters } of specs) {
      const spec: ToolSpec = { name, description, parameters };
      const hash = sha256(JSON.stringify(spec)).slice(0, 16);
      hashes.push(hash);
      if (this.written.has(hash)) continue;
      this.written.add(hash);
      await this.write({ at: this.at(), run: this.run, type: "tool", hash, spec });
    }
    return hashes;
  }

  private stamped(body: AgentEventBody): AgentEvent {
    return { at: this.at(), run: this.run, ...body };
  }

  private at(): string {
    return new Date(this.clock.now()).toISOString();
  }

  private write(line: JournalLine): Promise<void> {
    return this.journal.append(this.run, JSON.stringify(line));
  }

  private tell(event: AgentEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** A journal that lasts as long as the process. */
export function memoryJournal(): JournalPort & { lines: Map<string, string[]> } {
  const lines = new Map<string, string[]>();
  return {
    lines,
    append: (run, line) => {
      lines.set(run, [...(lines.get(run) ?? []), line]);
      return Promise.resolve();
    },
    read: (run) => Promise.resolve([...(lines.get(run) ?? [])]),
    list: () => Promise.resolve([...lines.keys()].map((run) => ({ run, updated: "" }))),
  };
}
