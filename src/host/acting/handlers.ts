import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { ActingViewMethods } from "../../contract/actingView";
import type { Handlers } from "../../contract/method";
import type { EngineService } from "../engine/service";
import type { Interventions } from "../interventions/list";
import type { Corpora } from "./corpora";
import { editPlace, type EditFiles } from "./editFiles";
import { featureFolders, importFeatures } from "./featureFolders";
import { madePlace, plainName } from "./places";

export interface ActingPorts {
  engine: Pick<EngineService, "call">;
  interventions: Pick<Interventions, "add">;
  edits: EditFiles;
  corpora: Corpora;
  /** Asks where to save, and writes. */
  save(name: string, data: Buffer): Promise<{ saved: boolean }>;
}

/** What the panels that change a model ask: places and texts are the host's to say, the work is the engine's. */
export function actingHandlers({
  engine,
  interventions,
  edits,
  corpora,
  save,
}: ActingPorts): Handlers<ActingViewMethods> {
  const folder = (name: string) => madePlace("features", name);
  return {
    pickCorpus: async () => ({ corpus: await corpora.pick() }),
    featureFolders: async () => ({ folders: await featureFolders(engine) }),
    importFeatures: async () => ({ name: await importFeatures(engine) }),
    trainFeatures: async ({ name, corpus, ...params }, { signal, progress }) => {
      const out = folder(name);
      const texts = await corpora.texts(corpus, signal);
      await mkdir(path.dirname(out), { recursive: true });
      const result = await engine.call("featuresTrain", { ...params, texts, out }, { signal, onProgress: progress });
      return { ...result, folder: path.basename(result.folder) };
    },
    evaluateFeatures: async ({ folder: name, corpus }, { signal, progress }) => {
      const texts = (await corpora.texts(corpus, signal)).map(({ text }) => text);
      return engine.call("featuresEvaluate", { folder: folder(name), texts }, { signal, onProgress: progress });
    },
    browseFeatures: async ({ folder: name, corpus, count }, { signal, progress }) => {
      const texts = await corpora.texts(corpus, signal);
      return engine.call("featuresBrowse", { folder: folder(name), texts, count }, { signal, onProgress: progress });
    },
    labelFeature: async ({ folder: name, feature, label }) =>
      engine.call("featureLabel", { folder: folder(name), feature, label }),
    exportFeatures: async ({ folder: name }) => {
      const scratch = await mkdtemp(path.join(tmpdir(), "vitrine-features-"));
      try {
        const { file } = await engine.call("featuresExport", {
          folder: folder(name),
          file: path.join(scratch, "features.jsonl"),
        });
        return await save(`${plainName(name)}.jsonl`, await readFile(file));
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
    useFeature: async ({ folder: name, ...use }) => {
      const whole = { ...use, folder: folder(name) };
      // An intervention that cannot act is refused here, not at the next answer.
      await engine.call("featureInterventions", whole);
      const { label } = await engine.call("featureShow", { folder: whole.folder, feature: use.feature });
      const about = label === "" ? plainName(name) : label;
      const does =
        use.mode === "ablate"
          ? vscode.l10n.t("Feature {0} silenced ({1})", use.feature, about)
          : use.mode === "clamp"
            ? vscode.l10n.t("Feature {0} held ({1})", use.feature, about)
            : vscode.l10n.t("Feature {0} steered ({1})", use.feature, about);
      const title = does.slice(0, 160);
      await interventions.add({ kind: "feature", use: whole, name: title, on: true });
      return { name: title };
    },
    editFiles: async () => ({ edits: await edits.list() }),
    makeEdit: async ({ name, ...params }, { signal, progress }) => {
      const out = await edits.placeFor(name);
      const result = await engine.call("editFact", { ...params, out }, { signal, onProgress: progress });
      edits.written();
      return { ...result, name: path.basename(out) };
    },
    testEdit: async ({ name, facts }, { signal, progress }) =>
      engine.call("editTest", { file: editPlace(name), facts }, { signal, onProgress: progress }),
    switchEdit: async ({ name, on }) => {
      await edits.switch(name, on);
      return null;
    },
    deleteEdit: async ({ name }) => ({ deleted: await edits.delete(name) }),
  };
}
