import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { fail, type ErrorData } from "../../contract/errors";
import type {
  InterventionChange,
  InterventionEntry,
  InterventionKind,
  ShownIntervention,
} from "../../contract/interventions";
import { changed, checkEntry } from "./entry";
import { readEntries } from "./stored";

const key = "vitrine.interventions";

/** An entry before it is in the list; switched on unless it says otherwise. */
export type NewEntry = InterventionKind & { name: string; on?: boolean };

/**
 * The interventions of this workspace: directions, features, edits and writes at single sites. Those that are on act on chat
 * answers, the agent's steps and instruments, and on nothing else. What is kept is plain data; `Switchboard` makes of it what the
 * engine takes.
 */
export class Interventions implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Whatever acts, or how it acts, may be another: panels run again, the chat and the status bar say so. */
  readonly onDidChange = this.changed.event;
  private readonly told = new vscode.EventEmitter<void>();
  /** Only what is known of the entries has changed (a file is missing, or there again). */
  readonly onDidLearn = this.told.event;
  private items: InterventionEntry[];
  private readonly problems = new Map<string, ErrorData>();

  constructor(private readonly memory: Pick<vscode.Memento, "get" | "update">) {
    this.items = readEntries(memory.get<unknown>(key, []));
  }

  get all(): readonly InterventionEntry[] {
    return this.items;
  }

  /** The entries with what is wrong with them. */
  shown(): ShownIntervention[] {
    return this.items.map((item) => {
      const problem = this.problems.get(item.id);
      return problem ? { ...item, problem } : item;
    });
  }

  /** Those that are on. */
  active(): { names: string[]; entries: InterventionEntry[] } {
    const entries = this.items.filter(({ on }) => on);
    return { names: entries.map(({ name }) => name), entries };
  }

  /** Names of the directions whose projection is shown. */
  meters(): string[] {
    return this.items.flatMap((item) => (item.kind === "direction" && item.meter ? [item.name] : []));
  }

  find(id: string): InterventionEntry | undefined {
    return this.items.find((item) => item.id === id);
  }

  /** Adds one; one of the same name is replaced and keeps its place. Throws `badArgument` or `notFinite`. */
  async add(entry: NewEntry): Promise<InterventionEntry> {
    const before = this.items.find(({ name }) => name === entry.name);
    const added = checkEntry({ ...entry, on: entry.on ?? true, id: before?.id ?? randomUUID() });
    this.problems.delete(added.id);
    await this.set(before ? this.items.map((item) => (item === before ? added : item)) : [...this.items, added]);
    return added;
  }

  async toggle(id: string, on: boolean): Promise<void> {
    await this.replace(id, (item) => ({ ...item, on }));
  }

  /** Shows a direction's projection under each answer, or no longer. */
  async meter(id: string, on: boolean): Promise<void> {
    await this.replace(id, (item) =>
      item.kind === "direction"
        ? { ...item, meter: on }
        : fail("badArgument", vscode.l10n.t("Only a direction can be a meter.")),
    );
  }

  /** Throws `badArgument` or `notFinite`, and leaves the entry as it was. */
  async change(id: string, change: InterventionChange): Promise<void> {
    const name = change.name?.trim();
    if (name !== undefined && this.items.some((item) => item.id !== id && item.name === name)) {
      fail("badArgument", vscode.l10n.t("There is an intervention called {0} already.", name));
    }
    await this.replace(id, (item) => changed(item, change));
  }

  /** A copy, switched off, right after the original. */
  async duplicate(id: string): Promise<void> {
    const at = this.items.findIndex((item) => item.id === id);
    const original = this.items[at];
    if (!original) return;
    const copy = { ...structuredClone(original), id: randomUUID(), name: this.freeName(original.name), on: false };
    if (copy.kind === "direction") delete copy.meter;
    await this.set(this.items.toSpliced(at + 1, 0, copy));
  }

  async remove(id: string): Promise<void> {
    this.problems.delete(id);
    await this.set(this.items.filter((item) => item.id !== id));
  }

  async allOff(): Promise<void> {
    if (this.items.some(({ on }) => on)) await this.set(this.items.map((item) => ({ ...item, on: false })));
  }

  /** Says what is wrong with an entry, or that nothing is. */
  learn(id: string, problem: ErrorData | undefined): void {
    if (JSON.stringify(this.problems.get(id)) === JSON.stringify(problem)) return;
    if (problem) this.problems.set(id, problem);
    else this.problems.delete(id);
    this.told.fire();
  }

  dispose(): void {
    this.changed.dispose();
    this.told.dispose();
  }

  private freeName(name: string): string {
    const base = name.replace(/ \(\d+\)$/, "");
    for (let count = 2; ; count++) {
      const free = `${base} (${count})`;
      if (!this.items.some((item) => item.name === free)) return free;
    }
  }

  private async replace(id: string, make: (item: InterventionEntry) => InterventionEntry): Promise<void> {
    const before = this.find(id);
    if (!before) fail("badArgument", vscode.l10n.t("This intervention is no longer there."));
    const after = checkEntry(make(before));
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.problems.delete(id);
    await this.set(this.items.map((item) => (item.id === id ? after : item)));
  }

  private async set(items: InterventionEntry[]): Promise<void> {
    this.items = items;
    this.changed.fire();
    await this.memory.update(key, items);
  }
}
