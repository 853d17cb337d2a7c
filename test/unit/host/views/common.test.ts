import { beforeEach, expect, test } from "vitest";
import { VitrineError } from "../../../../src/contract/errors";
import type { CallContext } from "../../../../src/contract/method";
import type { Intervention } from "../../../../src/contract/sites";
import { commonHandlers } from "../../../../src/host/views/common";
import { modelInfo } from "../fakeEngine";
import { fake, workspace } from "../fakeVscode";
import { silentLog } from "../silentLog";

let asked: [method: string, params: Record<string, unknown>][];
let interventions: Intervention[];
let handlers: ReturnType<typeof commonHandlers>;
const context: CallContext<never> = { signal: new AbortController().signal, progress: () => undefined };
const prompt = { kind: "prompt" as const, text: "The capital" };

beforeEach(() => {
  fake.reset();
  asked = [];
  interventions = [];
  const engine = {
    ensureModel: () => Promise.resolve(modelInfo({ fingerprint: "a model/../.." })),
    call: (method: string, params: Record<string, unknown>) => {
      asked.push([method, params]);
      return Promise.resolve({});
    },
  };
  handlers = commonHandlers(
    {
      engine: engine as never,
      switched: () => Promise.resolve({ interventions, edits: [] }),
      openInstrument: () => undefined,
      files: "/store",
      log: silentLog(),
    },
    "test",
  );
});

function given(): Record<string, unknown> {
  return asked.at(-1)?.[1] ?? {};
}

test("interventions that are on act on instruments that run the model, and on nothing else", async () => {
  interventions = [{ site: "mlp_post", layer: 1, where: "all", operation: "zero", indices: [3] }];
  await handlers.lens({ input: prompt, sites: ["embed"], top: 1 }, context);
  expect(given().interventions).toEqual(interventions);
  await handlers.tokenize({ text: "a" }, context);
  expect(given()).not.toHaveProperty("interventions");
  interventions = [];
  await handlers.lens({ input: prompt, sites: ["embed"], top: 1 }, context);
  expect(given()).not.toHaveProperty("interventions");
});

test.each(["lens.bin", "../../etc/passwd", "/etc/passwd", "..\\..\\x", ".."])(
  "a file that a view calls %j lies in our own folder, one a model",
  async (name) => {
    await handlers.tunedLensFit({ texts: ["some text"], ridge: 0.01, out: name }, context);
    expect(given().out).toMatch(/^\/store\/[0-9a-f]{16}\/[\w.-]+$/);
    expect(given().out).not.toContain("..");
    await handlers.lens({ input: prompt, sites: ["embed"], top: 1, tuned: name }, context);
    expect(given().tuned).toMatch(/^\/store\/[0-9a-f]{16}\/[\w.-]+$/);
  },
);

test("no texts means the texts of the workspace; an empty workspace is said", async () => {
  fake.files.set("/space/b.md", "second");
  fake.files.set("/space/a.md", "first");
  fake.files.set("/space/image.md", "binary\0data");
  fake.files.set("/space/empty.md", "  \n");
  await handlers.tunedLensFit({ texts: [], ridge: 0.01, out: "x" }, context);
  expect(given().texts).toEqual(["first", "second"]);
  await handlers.neuronExamples({ layer: 1, texts: [], count: 3 }, context);
  expect(given().texts).toEqual([
    { source: "a.md", text: "first" },
    { source: "b.md", text: "second" },
  ]);
  fake.files.clear();
  await expect(handlers.tunedLensFit({ texts: [], ridge: 0.01, out: "x" }, context)).rejects.toThrow(VitrineError);
});

test("a direction is a file of the workspace, and of no other place", async () => {
  await expect(handlers.directionInfo({ file: "refusal.gguf" }, context)).rejects.toMatchObject({
    code: "fileMissing",
  });
  workspace.workspaceFolders = [{ uri: { fsPath: "/space" } }];
  await handlers.directionInfo({ file: "../../refusal.gguf" }, context);
  expect(given().file).toMatch(/^\/space\/\.vitrine\/directions\/[\w.-]+\.gguf$/);
});

test.each(["file:///etc/passwd", "command:workbench.action.quit", "javascript:alert(1)", "vscode://x", "nonsense", ""])(
  "%j is no page to open",
  async (url) => {
    await expect(handlers.openExternal({ url }, context)).rejects.toMatchObject({ code: "notAllowed" });
    expect(fake.opened).toEqual([]);
  },
);

test("a web page is opened by the editor, which asks", async () => {
  await handlers.openExternal({ url: "https://arxiv.org/abs/2012.14913" }, context);
  expect(fake.opened).toHaveLength(1);
});

test("saving asks a person for the place, writes bytes as they are, and says when they changed their mind", async () => {
  expect(await handlers.save({ name: "../x.csv", data: "a,b" }, context)).toEqual({ saved: false });
  fake.saveTarget = "/home/me/lens.png";
  expect(await handlers.save({ name: "lens.png", data: "iVBORw==", base64: true }, context)).toEqual({ saved: true });
  expect([...(fake.written.get("/home/me/lens.png") ?? [])]).toEqual([0x89, 0x50, 0x4e, 0x47]);
});
