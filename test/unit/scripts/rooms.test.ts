import { describe, expect, it } from "vitest";
import { packageWall, wallBetween } from "../../../scripts/eslint/rooms.mjs";

describe("the walls between rooms", () => {
  it.each([
    ["src/engine/run/generate.ts", "src/contract/verbs.ts"],
    ["src/engine/run/generate.ts", "src/engine/llama/door.ts"],
    ["src/engine/microscope/lens.ts", "src/engine/llama/door.ts"],
    ["src/engine/main.ts", "src/wire/rpc.ts"],
    ["src/host/extension.ts", "src/wire/rpc.ts"],
    ["src/cli/main.ts", "src/agent/loop.ts"],
    ["webview-ui/chat/main.tsx", "webview-ui/kit/theme.ts"],
    ["webview-ui/chat/main.tsx", "src/contract/chatView.ts"],
    ["test/unit/engine/sampling.test.ts", "src/engine/run/sampling.ts"],
  ])("lets %s import %s", (from, to) => {
    expect(wallBetween(from, to)).toBeUndefined();
  });

  it.each([
    ["src/contract/verbs.ts", "src/engine/run/generate.ts"],
    ["src/host/extension.ts", "src/engine/run/generate.ts"],
    ["src/host/extension.ts", "webview-ui/kit/theme.ts"],
    ["src/engine/main.ts", "src/engine/llama/door.ts"],
    ["src/engine/models/catalogue.ts", "src/engine/llama/door.ts"],
    ["src/engine/run/generate.ts", "src/wire/rpc.ts"],
    ["src/sandbox/quickjs.ts", "src/wire/rpc.ts"],
    ["src/agent/loop.ts", "src/wire/rpc.ts"],
    ["src/agent/loop.ts", "src/host/extension.ts"],
    ["webview-ui/chat/main.tsx", "webview-ui/models/main.tsx"],
    ["webview-ui/kit/theme.ts", "webview-ui/chat/main.tsx"],
    ["webview-ui/chat/main.tsx", "src/host/extension.ts"],
    ["src/host/extension.ts", "scripts/package.ts"],
  ])("does not let %s import %s", (from, to) => {
    expect(wallBetween(from, to)).toEqual(expect.any(String));
  });

  it.each([
    ["src/host/extension.ts", "vscode"],
    ["src/engine/llama/door.ts", "koffi"],
    ["src/engine/run/load.ts", "node-llama-cpp"],
    ["webview-ui/kit/controls.ts", "@vscode/webview-ui-toolkit"],
    ["src/agent/loop.ts", "node:path"],
  ])("lets %s import the package %s", (from, name) => {
    expect(packageWall(from, name)).toBeUndefined();
  });

  it.each([
    ["src/agent/loop.ts", "vscode"],
    ["src/cli/main.ts", "vscode"],
    ["src/engine/run/generate.ts", "koffi"],
    ["src/host/extension.ts", "node-llama-cpp"],
    ["webview-ui/chat/main.tsx", "@vscode/webview-ui-toolkit"],
    ["webview-ui/chat/main.tsx", "node:fs"],
    ["src/contract/verbs.ts", "node:fs"],
    ["src/contract/verbs.ts", "koffi"],
  ])("does not let %s import the package %s", (from, name) => {
    expect(packageWall(from, name)).toEqual(expect.any(String));
  });
});
