import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VitrineError } from "../../../../src/contract/errors";
import type { CallContext } from "../../../../src/contract/method";
import { Corpora } from "../../../../src/host/acting/corpora";
import { EditFiles } from "../../../../src/host/acting/editFiles";
import { actingHandlers } from "../../../../src/host/acting/handlers";
import type { EngineService } from "../../../../src/host/engine/service";
import { Interventions } from "../../../../src/host/interventions/list";
import { fake, Uri, workspace } from "../fakeVscode";

let root: string;
let asked: [method: string, params: Record<string, unknown>][];
let answers: Record<string, (params: Record<string, unknown>) => unknown>;
let interventions: Interventions;
let edits: EditFiles;
let saved: { name: string; text: string }[];
const context = <P>(seen: P[] = []): CallContext<P> => ({
  signal: new AbortController().signal,
  progress: (value) => void seen.push(value),
});
const fact = { prompt: "The capital of France is", subject: "France", from: "Paris", to: "Rome" };
const below = (...parts: string[]) => path.join(root, ".vitrine", ...parts);

const engine = {
  call: (method: string, params: Record<string, unknown>, options?: { onProgress?: (value: unknown) => void }) => {
    asked.push([method, params]);
    options?.onProgress?.({ done: 1, total: 2, message: "" });
    return Promise.resolve().then(() => answers[method]?.(params) ?? {});
  },
  model: undefined,
  onDidChange: () => ({ dispose: () => undefined }),
} as unknown as Pick<EngineService, "call" | "model" | "onDidChange">;

function handlers() {
  return actingHandlers({
    engine,
    interventions,
    edits,
    corpora: new Corpora(),
    save: (name, data) => {
      saved.push({ name, text: data.toString("utf8") });
      return Promise.resolve({ saved: true });
    },
  });
}

function put(...parts: string[]): void {
  mkdirSync(path.dirname(below(...parts)), { recursive: true });
  writeFileSync(below(...parts), "x");
}

beforeEach(() => {
  fake.reset();
  root = mkdtempSync(path.join(tmpdir(), "vitrine-acting-host-"));
  workspace.workspaceFolders = [{ uri: Uri.file(root) }];
  asked = [];
  saved = [];
  answers = { editInfo: () => ({ fact, tensors: [], warnings: [] }) };
  const kept = new Map<string, unknown>();
  interventions = new Interventions({
    get: <T>(key: string, fallback?: T) => (kept.get(key) as T | undefined) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  });
  edits = new EditFiles(engine, interventions);
});
afterEach(() => {
  edits.dispose();
  rmSync(root, { recursive: true, force: true });
});

describe("edits", () => {
  it("are listed with what they say of themselves, or why they cannot be read", async () => {
    put("edits", "a.gguf");
    put("edits", "b.gguf");
    put("edits", "notes.txt");
    answers["editInfo"] = ({ file }) => {
      if (String(file).endsWith("b.gguf")) throw new VitrineError({ code: "damagedFile", message: "No adapter." });
      return { fact, tensors: [], warnings: [] };
    };
    expect(await edits.list()).toEqual([
      { name: "a.gguf", on: false, info: { fact, tensors: [], warnings: [] } },
      { name: "b.gguf", on: false, error: expect.objectContaining({ code: "damagedFile" }) as unknown },
    ]);
  });

  it("are none without a folder, and none can be made", async () => {
    workspace.workspaceFolders = undefined;
    expect(await edits.list()).toEqual([]);
    await expect(edits.placeFor("a")).rejects.toThrow(/No folder/);
  });

  it("are switched on as one entry of the list, and off again without losing it", async () => {
    put("edits", "a.gguf");
    const { switchEdit } = handlers();
    await switchEdit({ name: "a.gguf", on: true }, context());
    await switchEdit({ name: "a", on: true }, context());
    expect(interventions.all).toMatchObject([
      { kind: "edit", on: true, name: "France: Rome instead of Paris", use: { file: below("edits", "a.gguf") } },
    ]);
    expect((await edits.list())[0]!.on).toBe(true);
    await switchEdit({ name: "a.gguf", on: false }, context());
    expect(interventions.all).toMatchObject([{ on: false }]);
  });

  it("of another model stay off", async () => {
    put("edits", "a.gguf");
    answers["editLoad"] = () => {
      throw new VitrineError({ code: "wrongModel", message: "Made for another model." });
    };
    await expect(handlers().switchEdit({ name: "a.gguf", on: true }, context())).rejects.toThrow(/another model/);
    expect(interventions.all).toEqual([]);
  });

  it("are deleted only when a person says so, with their entry", async () => {
    put("edits", "a.gguf");
    const { deleteEdit, switchEdit } = handlers();
    await switchEdit({ name: "a.gguf", on: true }, context());
    expect(await deleteEdit({ name: "a.gguf" }, context())).toEqual({ deleted: false });
    expect(readdirSync(below("edits"))).toEqual(["a.gguf"]);
    fake.answer = "Delete";
    expect(await deleteEdit({ name: "a.gguf" }, context())).toEqual({ deleted: true });
    expect(readdirSync(below("edits"))).toEqual([]);
    expect(interventions.all).toEqual([]);
  });

  it("are written below the workspace whatever a view calls them, and the list is told", async () => {
    answers["editFact"] = ({ out }) => ({ file: out, success: true });
    let told = 0;
    edits.onDidChange(() => told++);
    const made = await handlers().makeEdit({ ...fact, name: "../../outside", method: "neurons" }, context());
    const [, params] = asked.find(([method]) => method === "editFact")!;
    expect(path.dirname(String(params["out"]))).toBe(below("edits"));
    expect(params).not.toHaveProperty("name");
    expect(made.name).toBe(path.basename(String(params["out"])));
    expect(told).toBe(1);
  });
});

describe("features", () => {
  it("are listed with a checkpoint where there is one, hidden folders and files passed over", async () => {
    put("features", "middle", "cfg.json");
    put("features", "stopped", "checkpoint.safetensors");
    put("features", ".hidden", "cfg.json");
    put("features", "readme.md");
    answers["featuresInfo"] = ({ folder }) => {
      if (String(folder).endsWith("stopped")) throw new VitrineError({ code: "fileMissing", message: "Nothing yet." });
      return { features: 8 };
    };
    expect((await handlers().featureFolders({}, context())).folders).toEqual([
      { name: "middle", checkpoint: false, info: { features: 8 } },
      { name: "stopped", checkpoint: true, error: expect.objectContaining({ code: "fileMissing" }) as unknown },
    ]);
  });

  it("are trained in the workspace's own folder, with progress and the folder's plain name", async () => {
    answers["featuresTrain"] = ({ out }) => ({ folder: out, l0: 3 });
    const seen: unknown[] = [];
    const result = await handlers().trainFeatures(
      {
        name: "my/features",
        corpus: { kind: "text", text: "Some text." },
        site: "resid_post",
        layer: 1,
        kind: "topk",
        features: 16,
      },
      context(seen as never[]),
    );
    expect(asked[0]![1]).toMatchObject({
      out: below("features", "my_features"),
      texts: [{ source: "text", text: "Some text." }],
    });
    expect(result).toMatchObject({ folder: "my_features", l0: 3 });
    expect(seen).toHaveLength(1);
  });

  it("are measured on the chosen text; none is refused before the engine is asked", async () => {
    const { evaluateFeatures } = handlers();
    const seen: unknown[] = [];
    await evaluateFeatures({ folder: "middle", corpus: { kind: "text", text: "Text." } }, context(seen as never[]));
    expect(asked).toEqual([["featuresEvaluate", { folder: below("features", "middle"), texts: ["Text."] }]]);
    expect(seen).toHaveLength(1);
    const nothing = { folder: "middle", corpus: { kind: "text" as const, text: " " } };
    await expect(evaluateFeatures(nothing, context())).rejects.toThrow(/no text/);
    expect(asked).toHaveLength(1);
  });

  it("are put into the list by label once the engine takes them, and not where it refuses", async () => {
    answers["featureShow"] = () => ({ label: "capitals" });
    const { useFeature } = handlers();
    const use = { folder: "middle", feature: 3, mode: "clamp", value: 2 } as const;
    expect(await useFeature(use, context())).toEqual({ name: "Feature 3 held (capitals)" });
    expect(interventions.all).toMatchObject([
      { kind: "feature", on: true, use: { folder: below("features", "middle"), feature: 3, mode: "clamp", value: 2 } },
    ]);
    answers["featureInterventions"] = () => {
      throw new VitrineError({ code: "badArgument", message: "There is no feature 9." });
    };
    await expect(useFeature({ ...use, feature: 9 }, context())).rejects.toThrow(/no feature 9/);
    expect(interventions.all).toHaveLength(1);
  });

  it("are exported through a scratch file that does not stay", async () => {
    let scratch = "";
    answers["featuresExport"] = ({ file }) => {
      scratch = String(file);
      writeFileSync(scratch, "{}\n");
      return { file };
    };
    await handlers().exportFeatures({ folder: "middle" }, context());
    expect(saved).toEqual([{ name: "middle.jsonl", text: "{}\n" }]);
    expect(() => readdirSync(path.dirname(scratch))).toThrow(/ENOENT/);
  });
});
