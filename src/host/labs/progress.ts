import * as vscode from "vscode";

/** What a person has done of each lab. */
interface Done {
  /** Steps that were run, from 1. */
  ran: number[];
  done: boolean;
}

const key = "vitrine.labs";

/** How far a person is in the course; kept on this machine over all workspaces. */
export class LabProgress implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: vscode.Memento) {}

  of(id: string): Done {
    return this.memory.get<Record<string, Done>>(key, {})[id] ?? { ran: [], done: false };
  }

  /** A step that was run; with the last of them the lab is done. */
  async ran(id: string, step: number, steps: number): Promise<void> {
    const { ran, done } = this.of(id);
    const all = [...new Set([...ran, step])].sort((a, b) => a - b);
    await this.put(id, { ran: all, done: done || all.length >= steps });
  }

  async mark(id: string, done: boolean): Promise<void> {
    await this.put(id, { ...this.of(id), done });
  }

  async reset(): Promise<void> {
    await this.memory.update(key, undefined);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async put(id: string, one: Done): Promise<void> {
    await this.memory.update(key, { ...this.memory.get<Record<string, Done>>(key, {}), [id]: one });
    this.changed.fire();
  }
}
