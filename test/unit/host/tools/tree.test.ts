import { afterEach, beforeEach, expect, test } from "vitest";
import type { Brain } from "../../../../src/contract/brain";
import { sha256 } from "../../../../src/agent/tools/hash";
import { LazyBrain } from "../../../../src/host/agent/lazyBrain";
import { ToolsTree, type ToolNode } from "../../../../src/host/tools/tree";
import type { ServerShown } from "../../../../src/host/mcp/servers";
import { Disposable, workspace } from "../fakeVscode";
import { area, openBench, type Bench } from "./bench";

let bench: Bench;
let tree: ToolsTree;
const servers = { list: (): ServerShown[] => shown, onDidChange: () => new Disposable(() => undefined) };
let shown: ServerShown[] = [];
beforeEach(async () => {
  bench = await openBench();
  shown = [];
  tree = new ToolsTree(bench.workshop, servers);
});
afterEach(async () => {
  tree.dispose();
  await bench.dispose();
});

async function group(name: string): Promise<ToolNode[]> {
  const groups = await tree.getChildren();
  return tree.getChildren(groups.find((node) => node.kind === "group" && node.group === name));
}

test("tools are listed by where they come from, and no model is loaded for it", async () => {
  expect((await tree.getChildren()).map((node) => tree.getTreeItem(node).label)).toEqual([
    "Forged in this workspace",
    "Built in",
    "From MCP servers",
  ]);
  const builtin = (await group("builtin")).map((node) => tree.getTreeItem(node));
  expect(builtin.map(({ label }) => label)).toContain("read_file");
  expect(builtin.every(({ command }) => command === undefined)).toBe(true);
  expect((await group("forged")).map((node) => tree.getTreeItem(node).command?.command)).toEqual(["vitrine.tools.new"]);
  expect(bench.loads()).toBe(0);
});

test("a forged tool shows its state and how it did, and opens its file", async () => {
  await bench.write("area", area);
  await bench.workshop.refresh();
  const item = async () => tree.getTreeItem((await group("forged"))[0] as ToolNode);
  expect(await item()).toMatchObject({
    label: "area",
    description: "checked, not approved",
    contextValue: "forged checked",
    command: { command: "vscode.open", arguments: [{ scheme: "file", path: bench.file("area") }] },
  });
  await bench.workshop.approve("area", sha256(area));
  for (const ok of [true, true, true, false]) await bench.agent.forge.used("area", { ok, ms: 8, goal: "measure" });
  const after = await item();
  expect(after).toMatchObject({ description: "approved · 4 uses, 75 % worked", contextValue: "forged approved" });
  expect((after.tooltip as { value: string }).value).toContain("Only computes");
  await bench.write("area", area.replace("result: 20", "result: 21"));
  await bench.workshop.refresh();
  expect((await item()).contextValue).toBe("forged broken");
});

test("without trust or a folder the tree is empty, so that the view says why", async () => {
  workspace.isTrusted = false;
  expect(await tree.getChildren()).toEqual([]);
  workspace.isTrusted = true;
  workspace.workspaceFolders = undefined;
  expect(await tree.getChildren()).toEqual([]);
});

test("the agent's brain is loaded by the first thought, and is a run's own once it brought one", async () => {
  let loads = 0;
  const made = (name: string): Brain => ({
    name,
    local: false,
    context: 9,
    count: () => Promise.resolve(name.length),
    reply: () => Promise.reject(new Error(name)),
  });
  const brain = new LazyBrain(() => Promise.resolve((loads++, made("loaded"))));
  expect([brain.name, brain.local, loads]).toEqual(["", true, 0]);
  expect(await brain.count("x")).toBe(6);
  await expect(brain.reply({ messages: [] })).rejects.toThrow("loaded");
  expect(loads).toBe(1);
  brain.use(made("run"));
  expect([brain.name, brain.local, brain.context, await brain.count("x")]).toEqual(["run", false, 9, 3]);
  expect(loads).toBe(1);
});

test("MCP servers show their state, their tools under their name, and what can be done about them", async () => {
  expect((await group("mcp")).map((node) => tree.getTreeItem(node).command?.command)).toEqual([
    "vitrine.mcp.configure",
  ]);
  shown = [
    { name: "files", what: "npx files", state: { kind: "ready", tools: 1, refused: ["bad: no schema"] } },
    { name: "new", what: "npx new\nenv: KEY", state: { kind: "unapproved", hash: "h" } },
    { name: "dead", what: "", state: { kind: "failed", error: { code: "network", message: "It ended." } } },
  ];
  bench.agent.registry.add({
    name: "stat",
    description: "",
    parameters: {},
    source: "mcp",
    origin: "files",
    effects: ["network"],
    prepare: () => Promise.reject(new Error("not called")),
  });
  const nodes = await group("mcp");
  const items = nodes.map((node) => tree.getTreeItem(node));
  expect(items.map(({ label, description, contextValue }) => [label, description, contextValue])).toEqual([
    ["files", "runs", "server ready"],
    ["new", "not approved", "server unapproved"],
    ["dead", "It ended.", "server failed"],
  ]);
  expect((items[0]?.tooltip as { value: string }).value).toContain("Refused: bad: no schema");
  expect(items[1]?.command).toMatchObject({ command: "vitrine.mcp.review", arguments: ["new"] });
  const below = await Promise.all(nodes.map((node) => tree.getChildren(node)));
  expect(below.map((each) => each.map((node) => tree.getTreeItem(node).label))).toEqual([["stat"], [], []]);
});
