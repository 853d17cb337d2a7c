import assert from "node:assert/strict";
import * as vscode from "vscode";
import { extension } from "./extension";

describe("activation", () => {
  it("finds the packed extension", () => {
    assert.ok(vscode.extensions.getExtension("vitrine.vitrine"));
  });

  it("activates without an error", async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it("runs as a workspace extension, beside the files", () => {
    assert.equal(extension().extensionKind, vscode.ExtensionKind.Workspace);
  });
});
