import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fail } from "../../../../src/contract/errors";
import { Interventions } from "../../../../src/host/interventions/list";
import { silence } from "../../../../src/host/interventions/neuron";
import { Switchboard } from "../../../../src/host/interventions/switchboard";
import { modelInfo } from "../fakeEngine";
import { fake, workspace } from "../fakeVscode";

let folder: string;
let file: string;
let list: Interventions;
let board: Switchboard;
let asked: string[];
let model = modelInfo();
let refuse: (() => never) | null;

beforeEach(async () => {
  fake.reset();
  folder = await mkdtemp(path.join(tmpdir(), "switchboard-"));
  file = path.join(folder, "refusal.gguf");
  await writeFile(file, "x");
  asked = [];
  refuse = null;
  model = modelInfo();
  list = new Interventions({ get: <T>() => undefined as T, update: () => Promise.resolve() });
  const engine = {
    model,
    ensureModel: () => Promise.resolve(model),
    call: (method: string, params: { strength?: number }) => {
      asked.push(method);
      refuse?.();
      if (method === "directionMeter")
        return Promise.resolve({ name: "file", layer: 1, vector: new Float32Array(2), scale: 1 });
      return Promise.resolve({ interventions: [{ ...silence(1, 1), strength: params.strength ?? 1 }] });
    },
  };
  board = new Switchboard(list, engine as never);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const direction = (name: string) => ({
  kind: "direction" as const,
  name,
  use: { file, mode: "add" as const, strength: 2 },
});

test("what is on comes in the list's order; what is off does not come; nothing on loads no model", async () => {
  expect(await board.switched()).toEqual({ names: [], interventions: [], edits: [] });
  await list.add({ kind: "write", name: "w", intervention: silence(0, 5) });
  const { id } = await list.add(direction("d"));
  await list.add({ kind: "edit", name: "e", use: { file, scale: 0.5 } });
  const found = await board.switched();
  expect(found.names).toEqual(["w", "d", "e"]);
  expect(found.interventions.map(({ layer, strength }) => [layer, strength])).toEqual([
    [0, undefined],
    [1, 2],
  ]);
  expect(found.edits).toEqual([{ file, scale: 0.5 }]);
  await list.toggle(id, false);
  expect((await board.switched()).names).toEqual(["w", "e"]);
});

test("a file is read again only when it, the model or the entry has changed", async () => {
  const { id } = await list.add(direction("d"));
  await board.switched();
  await board.switched();
  expect(asked).toEqual(["directionInterventions"]);
  await list.change(id, { strength: 3 });
  expect((await board.switched()).interventions[0]?.strength).toBe(3);
  model = modelInfo({ fingerprint: "another" });
  await board.switched();
  await writeFile(file, "longer");
  await board.switched();
  expect(asked).toHaveLength(4);
});

test("a missing file is said by name, in the error and in the list, and is forgotten once it is back", async () => {
  await list.add(direction("Refusal"));
  await rm(file);
  await expect(board.switched()).rejects.toMatchObject({
    code: "fileMissing",
    message: expect.stringContaining("Refusal"),
  });
  expect(list.shown()[0]?.problem?.code).toBe("fileMissing");
  await writeFile(file, "x");
  await board.check();
  expect(list.shown()[0]?.problem).toBeUndefined();
  await rm(file);
  await board.check();
  expect(list.shown()[0]?.problem?.message).toContain(file);
});

test("a direction of another width stops the whole list: nothing is half applied", async () => {
  await list.add({ kind: "write", name: "w", intervention: silence(0, 5) });
  await list.add(direction("d"));
  refuse = () => fail("wrongModel", "'d' has width 64, the model 96.");
  await expect(board.switched()).rejects.toMatchObject({
    code: "wrongModel",
    message: expect.stringContaining("width 64"),
  });
  expect(list.shown()[1]?.problem?.code).toBe("wrongModel");
});

test("an engine that has died is the engine's matter, not the entry's", async () => {
  await list.add(direction("d"));
  refuse = () => fail("engineDied", "The engine ended.");
  await expect(board.switched()).rejects.toMatchObject({ message: "The engine ended." });
  expect(list.shown()[0]?.problem).toBeUndefined();
});

test("a file of a folder that is not trusted is not read", async () => {
  workspace.isTrusted = false;
  workspace.workspaceFolders = [{ uri: { fsPath: folder } }];
  await list.add(direction("d"));
  await expect(board.switched()).rejects.toMatchObject({ code: "notAllowed" });
  expect(asked).toEqual([]);
});

test("meters are those chosen, on or off, under their entry's name; one that cannot be read is left out", async () => {
  await list.add({ ...direction("shown"), on: false, meter: true });
  await list.add(direction("not shown"));
  expect((await board.meters()).map(({ name }) => name)).toEqual(["shown"]);
  await rm(file);
  expect(await board.meters()).toEqual([]);
  expect(list.shown()[0]?.problem?.code).toBe("fileMissing");
});
