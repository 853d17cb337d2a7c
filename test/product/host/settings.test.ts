import assert from "node:assert/strict";
import * as vscode from "vscode";
import { manifest, type Configuration } from "./extension";

describe("settings", () => {
  it("gives every declared setting its default", () => {
    const { configuration } = manifest().contributes;
    const sections: Configuration[] = Array.isArray(configuration) ? configuration : [configuration];
    const declared = sections.flatMap((section) => Object.entries(section.properties));
    assert.ok(declared.length > 0);
    for (const [name, { default: expected }] of declared) {
      assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, expected ?? null, name);
    }
  });
});
