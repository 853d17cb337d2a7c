import { beforeEach, expect, test } from "vitest";
import { chosenBrain } from "../../../../src/host/agent/brain";
import { FakeEngine } from "../fakeEngine";
import { fake } from "../fakeVscode";

beforeEach(() => fake.settings.clear());
const secrets = { get: () => Promise.resolve("k") };

test("goals go to the engine unless a person set a server; then no model is loaded for them", async () => {
  const engine = new FakeEngine();
  expect((await chosenBrain(engine, secrets)).local).toBe(true);
  engine.loadError = () => {
    throw new Error("a model was loaded");
  };
  fake.settings.set("vitrine.server.url", "http://127.0.0.1:9/v1");
  fake.settings.set("vitrine.server.model", "large");
  const brain = await chosenBrain(engine, secrets);
  expect([brain.local, brain.name, brain.context]).toEqual([false, "large", 8_192]);
});

test("an address that is none is an error of one sentence", async () => {
  fake.settings.set("vitrine.server.url", "file:///etc/passwd");
  await expect(chosenBrain(new FakeEngine(), secrets)).rejects.toThrow("no address of a server");
});
