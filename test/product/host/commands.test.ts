import assert from "node:assert/strict";
import * as vscode from "vscode";
import { extension, manifest } from "./extension";

describe("commands", () => {
  before(() => extension().activate());

  it("has every command that package.json declares", async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest()
      .contributes.commands.map((each) => each.command)
      .filter((command) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  it("declares every command that it registers for people", async () => {
    const declared = new Set(manifest().contributes.commands.map((each) => each.command));
    const registered = (await vscode.commands.getCommands(true)).filter((command) => command.startsWith("vitrine."));
    // VS Code adds focus, open, resetViewLocation, ... for each view; commands with an underscore are for links in our own views.
    const own = registered.filter(
      (command) =>
        !/\.(focus|open|resetViewLocation|removeView|toggleVisibility)$/.test(command) && !/^vitrine\._/.test(command),
    );
    assert.deepEqual(
      own.filter((command) => !declared.has(command)),
      [],
    );
  });
});
