import * as vscode from "vscode";
import type { Agent } from "../../agent/node/openAgent";
import type { Forge, Forged } from "../../agent/tools/forge/forge";
import { newToolFile } from "../../agent/tools/forge/template";
import { fail } from "../../contract/errors";
import type { Json } from "../../contract/json";
import type { ToolInfo, ToolOutput } from "../../contract/tool";

type Opened = Pick<Agent, "forge"> & { registry: Pick<Agent["registry"], "infos" | "onChange"> };

/** The tools of the workspace as the editor's surfaces reach them. The agent is opened at the first question; no model is. */
export class Workshop implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private followed: { registry: Opened["registry"]; end: () => void } | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly open: () => Promise<Opened>) {}

  /** Forged tools with their state, and whatever else is offered. */
  async infos(): Promise<ToolInfo[]> {
    const { registry, forge } = await this.opened();
    return [...registry.infos().filter(({ source }) => source !== "forged"), ...forge.infos()];
  }

  /** The forged tools as they were last read. */
  async list(): Promise<Forged[]> {
    return (await this.opened()).forge.list();
  }

  /** Reads all files again. */
  refresh(): Promise<Forged[]> {
    return this.change((forge, signal) => forge.refresh(signal));
  }

  async get(name: string): Promise<Forged> {
    const found = (await this.refresh()).find((each) => each.name === name);
    return found ?? fail("fileMissing", vscode.l10n.t("There is no tool file {0}.", name));
  }

  test(name: string): Promise<Forged> {
    return this.change((forge, signal) => forge.test(name, signal));
  }

  approve(name: string, hash: string): Promise<Forged> {
    return this.change((forge, signal) => forge.approve(name, hash, signal));
  }

  reject(name: string): Promise<Forged> {
    return this.change((forge, signal) => forge.reject(name, signal));
  }

  /** `before` is what the file held until the person saved it; undefined when the save changed nothing. */
  saved(name: string, text: string, before: string | undefined): Promise<Forged[]> {
    return this.change(async (forge, signal) => {
      if (before === undefined) return forge.refresh(signal);
      await forge.savedByPerson(name, text, signal, before);
      return forge.list();
    });
  }

  remove(...names: string[]): Promise<void> {
    return this.change((forge, signal) => forge.remove(names, signal));
  }

  /** The text that was approved, where it is kept. */
  async approvedText(name: string): Promise<string | undefined> {
    return (await this.opened()).forge.approvedText(name);
  }

  /** Pairs of approved tools of which one can go, and why. */
  async duplicates(signal: AbortSignal): Promise<{ keep: string; drop: string; why: string }[]> {
    await this.refresh();
    return (await this.opened()).forge.duplicates(AbortSignal.any([signal, this.closing.signal]));
  }

  merge(keep: string, drop: string): Promise<Forged> {
    return this.change((forge, signal) => forge.merge(keep, drop, signal));
  }

  /** Tools that were not used for so many days, or never. */
  async trimmable(days: number): Promise<Forged[]> {
    await this.refresh();
    return (await this.opened()).forge.trimmable(days);
  }

  create(name: string): Promise<Forged> {
    return this.change((forge, signal) => forge.create(name, newToolFile(name), signal));
  }

  async run(name: string, hash: string, args: Record<string, Json>, signal: AbortSignal): Promise<ToolOutput> {
    const { forge } = await this.opened();
    return forge.runByPerson(name, hash, args, AbortSignal.any([signal, this.closing.signal]));
  }

  dispose(): void {
    this.closing.abort();
    this.followed?.end();
    this.changed.dispose();
  }

  private async change<T>(work: (forge: Forge, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { forge } = await this.opened();
    try {
      return await work(forge, this.closing.signal);
    } finally {
      if (!this.closing.signal.aborted) this.changed.fire();
    }
  }

  private async opened(): Promise<Opened> {
    const agent = await this.open();
    if (this.followed?.registry !== agent.registry) {
      this.followed?.end();
      // What a run forges, and what a server brings, shows at once.
      this.followed = { registry: agent.registry, end: agent.registry.onChange(() => this.changed.fire()) };
      this.changed.fire();
    }
    return agent;
  }
}
