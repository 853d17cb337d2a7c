import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";
import type { EngineState } from "../../../src/contract/chatView";
import { fail } from "../../../src/contract/errors";
import type { App } from "../../../src/host/app";
import { registerCommands, unavailable, type Command } from "../../../src/host/commands/register";
import { commandTable } from "../../../src/host/commands/table";
import { modelInfo } from "./fakeEngine";
import { fake } from "./fakeVscode";
import { silentLog } from "./silentLog";

interface Manifest {
  contributes: {
    commands: { command: string }[];
    keybindings: { command: string }[];
    menus: Record<string, { command?: string; submenu?: string }[]>;
  };
}

const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as Manifest;
const declared = manifest.contributes.commands.map(({ command }) => command);

function app(state: EngineState, loaded: boolean): App {
  return { engine: { state, model: loaded ? modelInfo() : null }, log: silentLog() } as unknown as App;
}

const failed: EngineState = {
  kind: "failed",
  error: { code: "tooLarge", message: "It needs 9 GB.", remedy: "Take a smaller one." },
};

beforeEach(() => fake.reset());

test("the table and package.json name the same commands, each once", () => {
  const table = commandTable.map(({ id }) => id);
  expect(new Set(table).size).toBe(table.length);
  // Commands with an underscore are links in our own hovers, not for people.
  expect(table.filter((id) => !id.startsWith("vitrine._")).sort()).toEqual([...declared].sort());
});

test("a model that is merely not loaded yet stops no command; one that could not be loaded does", () => {
  expect(unavailable(app({ kind: "off" }, false), "model")).toBeNull();
  expect(unavailable(app({ kind: "ready" }, true), "model")).toBeNull();
  expect(unavailable(app(failed, false), "nothing")).toBeNull();
  expect(unavailable(app(failed, false), "model")).toMatchObject({ command: "vitrine.models.choose" });
  const died: EngineState = { kind: "failed", error: { code: "engineDied", message: "It ended." } };
  expect(unavailable(app(died, false), "model")).toMatchObject({ command: "vitrine.engine.restart" });
});

test("a command whose need is not met answers with a sentence and a button that helps", async () => {
  const run = vi.fn();
  const command: Command = { id: "vitrine.x", need: "model", run };
  registerCommands(app(failed, false), [command]);
  fake.answer = "Choose a Model";
  await fake.commands.get("vitrine.x")?.();
  expect(run).not.toHaveBeenCalled();
  expect(fake.shown[0]).toMatchObject({
    kind: "warning",
    message: expect.stringContaining("It needs 9 GB. Take a smaller one."),
  });
  expect(fake.executed).toContainEqual(["vitrine.models.choose"]);
});

test("a command that fails ends in a sentence with a remedy, one that is cancelled in silence", async () => {
  registerCommands(app({ kind: "ready" }, true), [
    { id: "vitrine.fails", need: "nothing", run: () => fail("contextFull", "The text is too long.") },
    { id: "vitrine.stops", need: "nothing", run: () => Promise.resolve().then(() => fail("cancelled", "Cancelled.")) },
  ]);
  fake.answer = "New Conversation";
  await fake.commands.get("vitrine.fails")?.();
  await vi.waitFor(() => expect(fake.executed).toContainEqual(["vitrine.chat.new"]));
  expect(fake.shown).toEqual([
    { kind: "error", message: "The text is too long.", buttons: ["New Conversation", "Open Settings", "Show Log"] },
  ]);
  await fake.commands.get("vitrine.stops")?.();
  expect(fake.shown).toHaveLength(1);
});

test("a command takes what it is called with, and gives back what it made", async () => {
  registerCommands(app({ kind: "ready" }, true), [
    { id: "vitrine.adds", need: "model", run: (_, a, b) => Number(a) + Number(b) },
  ]);
  expect(await fake.commands.get("vitrine.adds")?.(2, 3)).toBe(5);
});
