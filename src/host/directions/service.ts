import { readFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type {
  DirectionExtractParams,
  DirectionMode,
  DirectionTestParams,
  SteerGridParams,
} from "../../contract/acting";
import type { DirectionFile, DirectionJob, DirectionJobKind, DirectionResults } from "../../contract/directionsView";
import { errorData, fail } from "../../contract/errors";
import type { Fraction } from "../../contract/instruments";
import type { Input } from "../../contract/verbs";
import type { ConversationStore } from "../chat/store";
import { Throttle } from "../chat/throttle";
import type { EngineService } from "../engine/service";
import type { Interventions } from "../interventions/list";
import type { Log } from "../log";
import { directionFile, directionNames, fileName, importDirections, newDirection, removeDirection } from "./folder";
import { promptsIn, ratedIn } from "./prompts";

export interface DirectionsPorts {
  engine: Pick<EngineService, "call" | "ensureModel" | "model" | "onDidChange">;
  interventions: Interventions;
  conversations: Pick<ConversationStore, "list" | "open">;
  log: Log;
}

/**
 * Directions of the workspace, and the long work on them. A job lives here and not in the panel, so that a panel that was hidden
 * or loaded again finds it as it is. Nothing of it is altered by the interventions that are on: a direction is measured on the
 * plain model.
 */
export class Directions implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Files, or what is known of them. */
  readonly onDidChange = this.changed.event;
  private readonly worked = new vscode.EventEmitter<DirectionJob | null>();
  readonly onDidWork = this.worked.event;
  private readonly finished = new vscode.EventEmitter<DirectionResults>();
  readonly onDidFinish = this.finished.event;
  private readonly subscriptions: vscode.Disposable[];
  private readonly throttle = new Throttle(
    () => this.worked.fire(this.job),
    () => 100,
  );
  private known: DirectionFile[] = [];
  private rated = { up: 0, down: 0 };
  private abort: AbortController | null = null;
  private model: string | null = null;
  job: DirectionJob | null = null;
  results: DirectionResults = {};

  constructor(private readonly ports: DirectionsPorts) {
    this.subscriptions = [
      ports.interventions.onDidChange(() => this.changed.fire()),
      ports.engine.onDidChange(() => this.modelChanged()),
    ];
  }

  /** The files with how they stand in the list of interventions. */
  files(): DirectionFile[] {
    const entries = this.ports.interventions.all;
    return this.known.map((each) => {
      const own = entries.filter(
        (entry) =>
          entry.kind === "direction" &&
          path.basename(entry.use.file) === each.file &&
          each.info?.file === entry.use.file,
      );
      const meter = own.some((entry) => entry.kind === "direction" && entry.meter === true);
      return own.length > 0 ? { ...each, on: own.some(({ on }) => on), meter } : { ...each, meter };
    });
  }

  get ratedCount(): { up: number; down: number } {
    return this.rated;
  }

  /** Reads the folder again, and counts rated answers. */
  async refresh(): Promise<void> {
    const names = await directionNames();
    this.known = await Promise.all(names.map((name) => this.look(name)));
    const { up, down } = await this.ratedAnswers();
    this.rated = { up: up.length, down: down.length };
    this.changed.fire();
  }

  extract(params: Omit<DirectionExtractParams, "out">): void {
    this.mustBeFree();
    const file = fileName(params.name);
    this.begin("extract", file, async (signal, onProgress) => {
      const out = await newDirection(params.name);
      const result = await this.ports.engine.call("directionExtract", { ...params, out }, { signal, onProgress });
      this.results = { ...this.results, extract: { result, file } };
    });
  }

  test(params: DirectionTestParams): void {
    this.mustBeFree();
    this.begin("test", params.file, async (signal, onProgress) => {
      const file = await directionFile(params.file);
      const result = await this.ports.engine.call("directionTest", { ...params, file }, { signal, onProgress });
      this.results = { ...this.results, test: { result, file: params.file } };
    });
  }

  grid(params: SteerGridParams): void {
    this.mustBeFree();
    this.begin("grid", params.file, async (signal, onProgress) => {
      const file = await directionFile(params.file);
      const result = await this.ports.engine.call("steerGrid", { ...params, file }, { signal, onProgress });
      this.results = { ...this.results, grid: { result, file: params.file, prompts: params.prompts } };
    });
  }

  stop(): void {
    this.abort?.abort();
  }

  /** Puts a direction into the list, switched on; one that is there already is changed. */
  async intervene({ file, mode, strength }: { file: string; mode: DirectionMode; strength?: number }): Promise<void> {
    const where = await directionFile(file);
    const info = await this.ports.engine.call("directionInfo", { file: where });
    const before = this.entryOf(where);
    await this.ports.interventions.add({
      kind: "direction",
      name: before?.name ?? info.name,
      use: { file: where, mode, strength: strength ?? (mode === "add" ? (info.strength ?? 1) : 1) },
      ...(before?.kind === "direction" && before.meter ? { meter: true } : {}),
    });
  }

  /** Shows a direction's projection under each answer; for that it need not act. */
  async meter(file: string, on: boolean): Promise<void> {
    const where = await directionFile(file);
    const before = this.entryOf(where);
    if (before) return this.ports.interventions.meter(before.id, on);
    if (!on) return;
    const info = await this.ports.engine.call("directionInfo", { file: where });
    const use = { file: where, mode: "add" as const, strength: info.strength ?? 1 };
    await this.ports.interventions.add({ kind: "direction", name: info.name, use, on: false, meter: true });
  }

  async importFiles(): Promise<void> {
    const chosen = await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Add directions"),
      canSelectMany: true,
      filters: { GGUF: ["gguf"] },
      openLabel: vscode.l10n.t("Add"),
    });
    // What is no control vector is refused before it is copied.
    for (const { fsPath } of chosen ?? []) await this.ports.engine.call("directionInfo", { file: fsPath });
    await importDirections((chosen ?? []).map(({ fsPath }) => fsPath));
    await this.refresh();
  }

  async remove(file: string): Promise<void> {
    await removeDirection(file);
    await this.refresh();
  }

  async show(file: string): Promise<void> {
    await vscode.commands.executeCommand("revealInExplorer", vscode.Uri.file(await directionFile(file)));
  }

  async loadPrompts(): Promise<{ name: string; prompts: Input[] } | null> {
    const [chosen] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t("Prompts: one a line, or JSON Lines"),
        filters: { [vscode.l10n.t("Prompts")]: ["txt", "jsonl", "md"], "*": ["*"] },
      })) ?? [];
    if (!chosen) return null;
    return { name: path.basename(chosen.fsPath), prompts: promptsIn(await readFile(chosen.fsPath, "utf8")) };
  }

  /** Answers with a thumb, of every conversation. */
  async ratedAnswers(): Promise<{ up: Input[]; down: Input[] }> {
    const found = { up: [] as Input[], down: [] as Input[] };
    for (const { id } of this.ports.conversations.list()) {
      const conversation = await this.ports.conversations.open(id);
      if (!conversation) continue;
      const { up, down } = ratedIn(conversation);
      found.up.push(...up);
      found.down.push(...down);
    }
    return found;
  }

  dispose(): void {
    this.abort?.abort();
    this.throttle.clear();
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const emitter of [this.changed, this.worked, this.finished]) emitter.dispose();
  }

  private entryOf(file: string) {
    return this.ports.interventions.all.find((entry) => entry.kind === "direction" && entry.use.file === file);
  }

  private async look(name: string): Promise<DirectionFile> {
    try {
      const info = await this.ports.engine.call("directionInfo", { file: await directionFile(name) });
      return { file: name, info, meter: false };
    } catch (thrown) {
      return { file: name, problem: errorData(thrown), meter: false };
    }
  }

  private modelChanged(): void {
    const now = this.ports.engine.model?.fingerprint ?? null;
    if (now === this.model) return;
    this.model = now;
    // Whether a file fits is said of the model that is loaded now.
    void this.refresh().catch((thrown: unknown) => this.ports.log.warn(errorData(thrown).message));
  }

  private mustBeFree(): void {
    if (this.job) {
      fail("notAllowed", vscode.l10n.t("Other work on a direction is still going on."), {
        remedy: vscode.l10n.t("Stop it, or wait until it is done."),
      });
    }
  }

  private begin(
    kind: DirectionJobKind,
    file: string,
    work: (signal: AbortSignal, onProgress: (fraction: Fraction) => void) => Promise<void>,
  ): void {
    const abort = new AbortController();
    this.abort = abort;
    this.job = { kind, file, fraction: null, message: "" };
    this.results = { ...this.results };
    delete this.results.failed;
    this.worked.fire(this.job);
    this.finished.fire(this.results);
    void this.run(kind, abort, async () => {
      await this.ports.engine.ensureModel(abort.signal);
      await work(abort.signal, ({ done, total, message }) => {
        if (!this.job) return;
        this.job = { ...this.job, fraction: total > 0 ? done / total : null, message: message ?? "" };
        this.throttle.request();
      });
    });
  }

  /** Never rejects: what went wrong stands in the results. */
  private async run(kind: DirectionJobKind, abort: AbortController, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      await this.refresh();
    } catch (thrown) {
      const error = errorData(thrown);
      if (error.code !== "cancelled") this.ports.log.warn(`${kind}: ${error.code}: ${error.message}`);
      this.results = { ...this.results, failed: { kind, error } };
    } finally {
      if (this.abort === abort) this.abort = null;
      this.throttle.clear();
      this.job = null;
      this.finished.fire(this.results);
      this.worked.fire(null);
    }
  }
}
