import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ModelEntry } from "../../../../src/contract/model";
import { bytes, parameters, summary } from "../../../../src/host/models/format";
import { ModelLibrary } from "../../../../src/host/models/library";
import { contextValue } from "../../../../src/host/models/tree";
import { modelInfo } from "../fakeEngine";

let folder: string;
let configured: string;
let kept: Map<string, unknown>;
let library: ModelLibrary;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "vitrine-models-"));
  configured = "";
  kept = new Map();
  await writeFile(path.join(folder, "specimen.gguf"), "GGUF");
  library = new ModelLibrary({
    memory: {
      get: <T>(key: string, fallback?: T) => (kept.get(key) as T | undefined) ?? fallback,
      update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
    },
    specimen: path.join(folder, "specimen.gguf"),
    configured: () => configured,
    folder: () => folder,
    catalogue: () => Promise.resolve([]),
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string): Promise<string> {
  const made = path.join(folder, name);
  await writeFile(made, "GGUF and more");
  return made;
}

test("the default is the setting, then the last one that is still there, then the specimen", async () => {
  expect(await library.defaultFile()).toBe(library.specimen);
  const mine = await file("mine.gguf");
  await library.chosen(mine);
  expect(await library.defaultFile()).toBe(mine);
  configured = "/set/by/hand.gguf";
  expect(await library.defaultFile()).toBe(configured);
  configured = "";
  await rm(mine);
  expect(await library.defaultFile()).toBe(library.specimen);
});

test("files are remembered latest first, under the name the model gives itself, once each", async () => {
  const one = await file("one.gguf");
  const two = await file("two.gguf");
  await library.remember(one);
  await library.remember(two);
  await library.remember(one, modelInfo({ name: "First" }));
  await library.remember(one);
  expect((await library.files()).map(({ name }) => name)).toEqual(["First", "two"]);
  await rm(two);
  expect((await library.files()).map(({ name }) => name)).toEqual(["First"]);
});

test("the specimen is never among a person's files, and a forgotten file is gone", async () => {
  await library.remember(library.specimen);
  const one = await file("one.gguf");
  await library.remember(one);
  await library.chosen(one);
  await library.forget(one);
  expect(await library.files()).toEqual([]);
  expect(await library.defaultFile()).toBe(library.specimen);
});

test("what was kept and makes no sense is ignored", async () => {
  kept.set("vitrine.recentModels", [17, { file: "relative.gguf", name: "x" }, { file: "/no/such.gguf", name: "y" }]);
  expect(await library.files()).toEqual([]);
  kept.set("vitrine.recentModels", "nonsense");
  expect(await library.files()).toEqual([]);
});

test("context words say what can be done with an entry", () => {
  const entry: ModelEntry = { id: "a", name: "A", kind: "catalogue", size: 1 };
  const still = { loaded: false, loading: false, downloading: false };
  expect(contextValue(entry, still)).toBe("catalogue downloadable");
  expect(contextValue({ ...entry, file: "/a" }, still)).toBe("catalogue loadable removable");
  expect(contextValue({ ...entry, kind: "specimen", file: "/s" }, { ...still, loaded: true })).toBe("specimen loaded");
});

test("sizes and counts are written as people write them", () => {
  expect([bytes(0), bytes(999), bytes(11_551_712), bytes(1_250_000_000), bytes(250e9)]).toEqual([
    "0 B",
    "999 B",
    "11.6 MB",
    "1.3 GB",
    "250 GB",
  ]);
  expect([parameters(5_720_000), parameters(1.2e9), parameters(12)]).toEqual(["5.7 M", "1.2 B", "12"]);
  expect(summary({ id: "a", name: "A", kind: "catalogue", size: 1e9, licence: "MIT", memory: 2e9 })).toBe(
    "1.0 GB · MIT · needs 2.0 GB",
  );
  expect(summary({ id: "b", name: "Small", kind: "file", file: "/models/small-q4.gguf", size: 5e6 })).toBe(
    "small-q4.gguf · 5.0 MB",
  );
});
