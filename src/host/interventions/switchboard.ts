import { realpath, stat } from "node:fs/promises";
import * as vscode from "vscode";
import { errorData, fail, VitrineError } from "../../contract/errors";
import type { InterventionEntry, Switched } from "../../contract/interventions";
import type { Intervention } from "../../contract/sites";
import type { EditUse, Meter } from "../../contract/verbs";
import type { EngineService } from "../engine/service";
import { mustBeTrusted } from "../models/trust";
import { fileOf } from "./entry";
import type { Interventions } from "./list";

type Part = Pick<Switched, "interventions" | "edits">;

/**
 * Makes of the list what the engine takes. What a file gives is kept until the file, the model or the entry changes, so that a
 * change of the list costs nothing but itself: the model stays loaded.
 */
export class Switchboard {
  private readonly parts = new Map<string, { key: string; part: Part }>();
  private readonly scales = new Map<string, { key: string; meter: Meter }>();

  constructor(
    private readonly list: Interventions,
    private readonly engine: Pick<EngineService, "ensureModel" | "call" | "model">,
  ) {}

  /**
   * Everything that is on, in the list's order. All or nothing: where one entry cannot act, its error names it and nothing is
   * altered by halves.
   */
  async switched(signal?: AbortSignal): Promise<Switched> {
    const { names, entries } = this.list.active();
    const parts: Part[] = [];
    for (const entry of entries) parts.push(await this.attempt(entry, () => this.part(entry, signal)));
    return {
      names,
      interventions: parts.flatMap(({ interventions }) => interventions),
      edits: parts.flatMap(({ edits }) => edits),
    };
  }

  /** The directions whose projection is to be shown. One that cannot be read is left out and said in the list: nothing is altered by it. */
  async meters(signal?: AbortSignal): Promise<Meter[]> {
    const found: Meter[] = [];
    for (const entry of this.list.all) {
      if (entry.kind !== "direction" || !entry.meter) continue;
      try {
        found.push({
          ...(await this.attempt(entry, () => this.meter(entry.id, entry.use.file, signal))),
          name: entry.name,
        });
      } catch (thrown) {
        if (errorData(thrown).code === "cancelled") throw thrown;
      }
    }
    return found;
  }

  /** Looks whether every entry's file is there, and says of each what is wrong. No model is loaded for it. */
  async check(): Promise<void> {
    await Promise.all(
      this.list.all.map(async (entry) => {
        const file = fileOf(entry);
        if (file === undefined) return;
        try {
          await stampOf(file);
          const known = this.list.shown().find(({ id }) => id === entry.id)?.problem;
          if (known?.code === "fileMissing") this.list.learn(entry.id, undefined);
        } catch (thrown) {
          this.list.learn(entry.id, errorData(thrown));
        }
      }),
    );
  }

  private async part(entry: InterventionEntry, signal: AbortSignal | undefined): Promise<Part> {
    if (entry.kind === "write") return { interventions: [entry.intervention], edits: [] };
    const key = JSON.stringify([
      entry.use,
      await stampOf(fileOf(entry)!),
      (await this.engine.ensureModel(signal)).fingerprint,
    ]);
    const known = this.parts.get(entry.id);
    if (known?.key === key) return known.part;
    const part = await this.make(entry, signal ? { signal } : {});
    this.parts.set(entry.id, { key, part });
    return part;
  }

  private async make(
    entry: Exclude<InterventionEntry, { kind: "write" }>,
    options: { signal?: AbortSignal },
  ): Promise<Part> {
    const { engine } = this;
    if (entry.kind === "edit") {
      await engine.call("editLoad", { edits: [entry.use] }, options);
      return { interventions: [], edits: [entry.use] };
    }
    const { interventions } =
      entry.kind === "direction"
        ? await engine.call("directionInterventions", entry.use, options)
        : await engine.call("featureInterventions", entry.use, options);
    return { interventions, edits: [] };
  }

  private async meter(id: string, file: string, signal: AbortSignal | undefined): Promise<Meter> {
    const key = JSON.stringify([file, await stampOf(file), (await this.engine.ensureModel(signal)).fingerprint]);
    const known = this.scales.get(id);
    if (known?.key === key) return known.meter;
    const meter = await this.engine.call("directionMeter", { file }, signal ? { signal } : {});
    this.scales.set(id, { key, meter });
    return meter;
  }

  private async attempt<T>(entry: InterventionEntry, work: () => Promise<T>): Promise<T> {
    try {
      const value = await work();
      this.list.learn(entry.id, undefined);
      return value;
    } catch (thrown) {
      const error = errorData(thrown);
      if (!about.has(error.code)) throw thrown;
      this.list.learn(entry.id, error);
      throw new VitrineError(
        {
          ...error,
          message: vscode.l10n.t("“{0}” cannot act: {1}", entry.name, error.message),
          remedy: error.remedy ?? vscode.l10n.t("Switch it off in the Interventions view, or put its file right."),
        },
        thrown,
      );
    }
  }
}

/** Errors that speak of the entry and not of the engine. */
const about: ReadonlySet<string> = new Set([
  "badArgument",
  "fileMissing",
  "notGguf",
  "damagedFile",
  "notFinite",
  "wrongModel",
  "noSuchSite",
  "notAllowed",
]);

/** Changes when the file does. Throws `fileMissing`, or `notAllowed` for a file of a folder that is not trusted. */
async function stampOf(file: string): Promise<string> {
  let found;
  try {
    found = await stat(file);
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    mustBeTrusted(await realpath(file), folders, vscode.workspace.isTrusted);
  } catch (thrown) {
    if (thrown instanceof VitrineError) throw thrown;
    return fail("fileMissing", vscode.l10n.t("Its file is missing: {0}", file), {
      remedy: vscode.l10n.t("Put the file back, or remove the intervention."),
    });
  }
  return `${found.mtimeMs}:${found.size}`;
}

/** As the verbs take it: nothing at all where nothing is on. */
export function asParams({ interventions, edits }: Pick<Switched, "interventions" | "edits">): {
  interventions?: Intervention[];
  edits?: EditUse[];
} {
  return {
    ...(interventions.length > 0 ? { interventions } : {}),
    ...(edits.length > 0 ? { edits } : {}),
  };
}
