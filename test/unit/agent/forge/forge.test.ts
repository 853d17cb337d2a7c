import { readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkToolFile, equal } from "../../../../src/agent/tools/forge/check";
import { CapabilityGate } from "../../../../src/agent/tools/forge/capabilities";
import { Forge, type ForgePorts } from "../../../../src/agent/tools/forge/forge";
import { codeOf, Maker, withExample } from "../../../../src/agent/tools/forge/maker";
import { makeTool } from "../../../../src/agent/tools/forge/makeTool";
import { mutantsOf } from "../../../../src/agent/tools/forge/mutants";
import { similarity } from "../../../../src/agent/tools/forge/duplicates";
import { SandboxRunner } from "../../../../src/agent/tools/forge/sandboxRunner";
import { memoryRecord, memoryToolFiles } from "../../../../src/agent/tools/forge/stores";
import { ToolRegistry } from "../../../../src/agent/tools/registry";
import { pure } from "../../../../src/agent/tools/tool";
import type { Capability, ToolUse } from "../../../../src/contract/tool";
import { localSandbox } from "../../../../src/sandbox/local";
import { ScriptedBrain, type Scripted } from "../../../fixtures/agent/scriptedBrain";
import { failureOf, TestWorkspace } from "../tools/workspace";

const signal = new AbortController().signal;
const sandbox = new SandboxRunner(localSandbox());

const area = `/** The area of a rectangle. */
export function run({ width, height }: { width: number; height: number }): number {
  return width * height;
}

export const parameters = {
  type: "object",
  properties: { width: { type: "number" }, height: { type: "number" } },
  required: ["width", "height"],
};

export const examples = [
  { arguments: { width: 2, height: 3 }, result: 6 },
  { arguments: { width: 4, height: 5 }, result: 20 },
];
`;

let space: TestWorkspace;
beforeEach(async () => {
  space = await TestWorkspace.make({ "docs/a.txt": "alpha", "docs/.env": "KEY=1", "other/b.txt": "beta" });
});
afterEach(() => space.remove());

function setUp(files: Record<string, string> = {}, lines: Scripted[] = [""], approved: Record<string, string> = {}) {
  const toolFiles = memoryToolFiles(files);
  const registry = new ToolRegistry();
  const brain = new ScriptedBrain(lines);
  const approvals = memoryRecord(approved);
  const ports: ForgePorts = {
    files: toolFiles,
    approvals,
    uses: memoryRecord<ToolUse>(),
    sandbox,
    registry,
    lend: { files: space.files, checkpoints: space.checkpoints },
    maker: new Maker(brain),
    now: () => Date.parse("2026-01-01T00:00:00Z"),
  };
  return { forge: new Forge(ports), toolFiles, registry, brain, approvals, ports };
}

const check = (source: string) => checkToolFile("tool", source, sandbox, signal);

describe("checking a tool file", () => {
  it("passes one whose examples hold and notice its breaking", async () => {
    const report = await check(area);
    expect(report).toMatchObject({ ok: true, problems: [] });
    expect(report.file?.manifest).toMatchObject({
      description: "The area of a rectangle.",
      effects: [],
      capabilities: [],
    });
    expect(report.noticed.killed).toBe(report.noticed.of);
  });
  it.each([
    ["no comment", area.replace(/^\/\*\*.*\n/, ""), /begin with a comment/],
    ["no run", area.replace("function run", "function go"), /export a function named run/],
    ["no parameters", area.replace("export const parameters", "const parameters"), /export parameters/],
    ["no examples", area.replace("export const examples", "const examples"), /export examples/],
    ["an empty list of examples", area.replace(/examples = \[[\s\S]*\];/, "examples = [];"), /examples/],
    [
      "an example that does not fit",
      area.replace("width: 2,", 'width: "2",'),
      /Example 1 does not fit the parameters: width must be a number/,
    ],
    ["an example that fails", area.replace("result: 20", "result: 21"), /Example 2 fails: it gave 20, not 21/],
    [
      "an example that throws",
      area.replace("return width", "if (width === 4) throw new Error('four');\n  return width"),
      /Example 2 fails: four/,
    ],
    ["what does not parse", area.replace("return", "return return"), /does not parse/],
    [
      "a remote schema",
      area.replace('{ type: "number" }', '{ $ref: "https://evil.example/s.json" }'),
      /points outside/,
    ],
    ["a cyclic schema", area.replace('{ type: "number" }', '{ $ref: "#" }'), /contains itself/],
    ["an unknown capability", `${area}export const capabilities = [{ kind: "process.exit" }];`, /no capability/],
    [
      "a capability without its effect",
      `${area}export const capabilities = [{ kind: "fetch", host: "a.example" }];`,
      /effects must name network/,
    ],
    [
      "an import",
      `import fs from "node:fs";\n${area.replace("width * height", "fs ? width * height : 0")}`,
      /begin with a comment|Imports/,
    ],
    [
      "a module that never ends",
      area.replace("export const parameters", "for (;;);\nexport const parameters"),
      /ran longer|did not end/,
    ],
  ])("refuses %s", async (_, source, wanted) => {
    const report = await check(source);
    expect(report.ok).toBe(false);
    expect(report.problems[0]?.message).toMatch(wanted);
  });
  it("refuses examples that a broken tool would pass too", async () => {
    const constant = area.replace("result: 20", "result: 6").replace("width: 4, height: 5", "width: 1, height: 6");
    expect((await check(constant)).problems[0]?.message).toMatch(/same result/);
    const blind = `/** Grades. */
export function run({ n }: { n: number }): string {
  if (n > 90 && n < 200) return "top";
  if (n > 50 && n < 80) return "middle";
  return n === 0 ? "none" : "low";
}
export const parameters = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
export const examples = [{ arguments: { n: 0 }, result: "none" }];
`;
    const report = await check(blind);
    expect(report.problems.some(({ severity, message }) => severity === "error" && /notice \d of/.test(message))).toBe(
      true,
    );
  });
  it("says on which line a problem is", async () => {
    expect((await check(area.replace("result: 20", "result: 21"))).problems[0]?.line).toBe(14);
    expect((await check(area.replace("width * height", "nothing.here"))).problems[0]?.message).toMatch(/nothing/);
  });
  it("reads what a module exports only as data", async () => {
    const report = await check(
      `${area}\nObject.prototype.toJSON = () => 'evil'; export const extra = { get x() { return 1; } };`,
    );
    expect(report.ok).toBe(false);
    expect(({} as { toJSON?: unknown }).toJSON).toBeUndefined();
  });
});

describe("mutants", () => {
  it("change the code alone", () => {
    const all = mutantsOf(area, 100);
    expect(all.map(({ change }) => change)).toEqual(["* became /", "return became return void"]);
    expect(all.every(({ source }) => source.includes("result: 6") && source.includes('type: "number"'))).toBe(true);
  });
  it("compare JSON by its meaning", () => {
    expect(equal({ a: 1, b: [0.1 + 0.2] }, { b: [0.3], a: 1 })).toBe(true);
    expect(equal({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(equal([1], { 0: 1 })).toBe(false);
  });
});

describe("a forged tool's life", () => {
  it("is offered once a person approved exactly this text, runs, and is counted", async () => {
    const { forge, registry } = setUp({ area });
    expect((await forge.refresh(signal))[0]?.state).toBe("checked");
    expect(registry.get("area")).toBeUndefined();
    const { hash } = forge.list()[0] ?? { hash: "" };
    expect((await forge.approve("area", hash, signal)).state).toBe("approved");
    const call = await registry.get("area")?.prepare({ width: 3, height: 4 }, { run: "r", step: 1, signal });
    expect(call?.effects).toEqual([]);
    expect((await call?.act())?.text).toBe("12");
    await forge.used("area", { ok: true, ms: 5, goal: "Measure" });
    await forge.used("area", { ok: false, ms: 5, goal: "Fail", error: "boom" });
    expect(forge.list()[0]?.use).toMatchObject({ calls: 2, successes: 1, goals: ["Measure"], lastError: "boom" });
  });
  it("is taken back when the file changes, and what was approved is what runs until then", async () => {
    const { forge, registry, toolFiles } = setUp({ area });
    await forge.refresh(signal);
    await forge.approve("area", forge.list()[0]?.hash ?? "", signal);
    const call = await registry.get("area")?.prepare({ width: 3, height: 4 }, { run: "r", step: 1, signal });
    toolFiles.files.set("area", area.replaceAll("width * height", "width * height + 0"));
    expect((await call?.act())?.text).toBe("12");
    expect((await forge.refresh(signal))[0]?.state).toBe("changed");
    expect(registry.get("area")).toBeUndefined();
  });
  it("is not approved when it was swapped after it was shown", async () => {
    const { forge, toolFiles } = setUp({ area });
    await forge.refresh(signal);
    const shown = forge.list()[0]?.hash ?? "";
    toolFiles.files.set(
      "area",
      `${area}\nexport const capabilities = [{ kind: "fetch", host: "evil.example" }];\nexport const effects = ["network"];`,
    );
    expect((await failureOf(forge.approve("area", shown, signal))).code).toBe("notAllowed");
  });
  it("is not approved by a hash that a repository brings for a text that fails", async () => {
    const broken = area.replace("result: 20", "result: 1");
    const { forge, registry } = setUp({ area: broken }, [""], { area: "0".repeat(64) });
    expect((await forge.refresh(signal))[0]?.state).toBe("broken");
    expect(registry.all()).toEqual([]);
    expect((await failureOf(forge.approve("area", forge.list()[0]?.hash ?? "", signal))).message).toMatch(
      /does not pass/,
    );
  });
  it("stays approved by its author's own save, unless it asks for more", async () => {
    const { forge, registry, toolFiles } = setUp({ area });
    await forge.refresh(signal);
    await forge.approve("area", forge.list()[0]?.hash ?? "", signal);
    const edited = area.replaceAll("width * height", "height * width");
    toolFiles.files.set("area", edited);
    expect((await forge.savedByPerson("area", edited, signal)).state).toBe("approved");
    expect(registry.get("area")).toBeDefined();
    const more = `${edited}export const capabilities = [{ kind: "files.read", folder: "docs" }];\nexport const effects = ["read"];\n`;
    toolFiles.files.set("area", more);
    expect((await forge.savedByPerson("area", more, signal)).state).toBe("changed");
    expect(registry.get("area")).toBeUndefined();
  });
  it("cannot take a built-in's name", async () => {
    const { forge, registry } = setUp({ read_file: area });
    registry.add({
      name: "read_file",
      description: "",
      parameters: {},
      source: "builtin",
      effects: [],
      prepare: () => Promise.resolve(pure("", () => Promise.resolve({ text: "real" }))),
    });
    await forge.refresh(signal);
    const forged = await forge.approve("read_file", forge.list()[0]?.hash ?? "", signal);
    expect(forged.state).toBe("broken");
    expect(forged.report.problems[0]?.message).toMatch(/taken by a built-in/);
    expect(registry.get("read_file")?.source).toBe("builtin");
  });
  it("is trimmed when unused, after a person was asked", async () => {
    const { forge, toolFiles } = setUp({ area, old: area });
    await forge.refresh(signal);
    await forge.used("area", { ok: true, ms: 1, goal: "x" });
    expect(forge.trimmable().map(({ name }) => name)).toEqual(["old"]);
    await forge.remove(["old"], signal);
    expect([...toolFiles.files.keys()]).toEqual(["area"]);
  });
  it("is found to be another's double and merged", async () => {
    const double = area
      .replace(/width/g, "a")
      .replace(/height/g, "b")
      .replace("a * b", "b * a")
      .replace(/a: 4, b: 5 \}, result: 20/, "a: 7, b: 8 }, result: 56");
    const { forge, registry, toolFiles } = setUp({ area, rectangle: double });
    await forge.refresh(signal);
    for (const { name, hash } of forge.list()) await forge.approve(name, hash, signal);
    expect(await forge.duplicates(signal)).toMatchObject([{ keep: "area", drop: "rectangle" }]);
    await forge.merge("area", "rectangle", signal);
    expect([...toolFiles.files.keys()]).toEqual(["area"]);
    expect(registry.get("area")).toBeDefined();
  });
});

const spec = {
  name: "twice",
  description: "Doubles n.",
  parameters: { n: "number" },
  examples: [
    { arguments: { n: 2 }, result: 4 },
    { arguments: { n: 5 }, result: 10 },
  ],
};
const twice = "export function run({ n }: { n: number }) {\n  return n * 2;\n}";

describe("making a tool", () => {
  it("asks the maker for an order, then for code, and repairs what fails", async () => {
    const { forge, brain } = setUp({}, [JSON.stringify(spec), twice.replace("* 2", "+ 2"), twice]);
    const { forged } = await forge.make("double a number", signal);
    expect(forged).toMatchObject({ name: "twice", state: "checked" });
    expect(brain.asked[2]?.messages.at(-1)?.content).toContain('run({"n": 5}) gave 7, not 10.');
    expect(forged.source).toContain("/** Doubles n. */");
  });
  it("takes the tool there is when it does the same", async () => {
    const { forge } = setUp({}, [
      JSON.stringify(spec),
      twice,
      JSON.stringify({
        ...spec,
        name: "double",
        parameters: { x: "number" },
        examples: [{ arguments: { x: 21 }, result: 42 }],
      }),
    ]);
    const { forged } = await forge.make("double", signal);
    await forge.approve("twice", forged.hash, signal);
    expect(await forge.make("double it", signal)).toMatchObject({ existing: true, forged: { name: "twice" } });
  });
  it("leaves a draft that says what is wrong when the maker cannot", async () => {
    const { forge, registry } = setUp({}, [JSON.stringify(spec), twice.replace("* 2", "* 3")]);
    const { forged } = await forge.make("double", signal);
    expect(forged.state).toBe("draft");
    expect(registry.all()).toEqual([]);
  });
  it.each([
    ["no order", ["I cannot."]],
    ["no code", [JSON.stringify(spec), "Sorry."]],
  ])("fails in a sentence when the maker gives %s", async (_, lines) => {
    expect((await failureOf(setUp({}, lines).forge.make("x", signal))).code).toBe("badReply");
  });
  it("refuses a tool that swallows its errors to please its one example", async () => {
    const gamed = "export function run({ n }: { n: number }) {\n  try { throw new Error('x'); } catch { return 4; }\n}";
    const { forge } = setUp({}, [JSON.stringify({ ...spec, examples: [{ arguments: { n: 2 }, result: 4 }] }), gamed]);
    const { forged } = await forge.make("double", signal);
    expect(forged.state).toBe("draft");
    expect(forged.report.problems[0]?.message).toMatch(/does not depend on the arguments/);
  });
  it("as the agent's own tool ends in a person's hands", async () => {
    const { forge, registry, toolFiles } = setUp({}, [JSON.stringify(spec), twice]);
    const kept: string[][] = [];
    const call = await makeTool(forge, (_, names) => kept.push(names)).prepare(
      { request: "double" },
      { run: "r", step: 1, signal },
    );
    expect(call.mustAsk).toMatch(/seen its code/);
    expect(call.diff).toContain("+export function run");
    expect(registry.get("twice")).toBeUndefined();
    expect((await call.act()).text).toMatch(/twice is ready/);
    expect(registry.get("twice")).toBeDefined();
    expect(kept).toEqual([["twice"]]);
    const again = setUp({}, [JSON.stringify(spec), twice]);
    const swapped = await makeTool(again.forge, () => undefined).prepare(
      { request: "double" },
      { run: "r", step: 1, signal },
    );
    again.toolFiles.files.set("twice", area);
    expect((await failureOf(swapped.act())).code).toBe("notAllowed");
    expect(toolFiles.files.size).toBe(1);
  });
  it("repairs a tool with the input that failed as a new example, to be approved again", async () => {
    const first = twice.replace("return n * 2", "if (n < 0) throw new Error('negative');\n  return n * 2");
    const { forge } = setUp({}, [JSON.stringify(spec), first, twice]);
    const { forged } = await forge.make("double", signal);
    await forge.approve("twice", forged.hash, signal);
    const repaired = await forge.repair("twice", { n: -1 }, "negative", signal);
    expect(repaired.state).toBe("changed");
    expect(repaired.source).toContain('{ arguments: {"n":-1}, result: -2, note: "failed in use: negative" }');
  });
});

describe("a tool's capabilities", () => {
  const gate = (capabilities: Capability[]) =>
    new CapabilityGate(capabilities, { files: space.files, checkpoints: space.checkpoints }, "r1", signal);
  it("reach what was declared and nothing else", async () => {
    const reader = gate([{ kind: "files.read", folder: "docs" }]);
    expect(await reader.answer("files.read", ["docs/a.txt"])).toBe("alpha");
    for (const given of ["other/b.txt", "docs/../other/b.txt", "/etc/passwd", "docs/.env", "../x"]) {
      expect((await failureOf(reader.answer("files.read", [given]))).code).toBe("notAllowed");
    }
    expect((await failureOf(reader.answer("files.write", ["docs/a.txt", "x"]))).code).toBe("notAllowed");
    expect((await failureOf(reader.answer("fetch", ["https://example.com/"]))).code).toBe("notAllowed");
    expect(reader.log.map(({ ok }) => ok)).toEqual([true, false, false, false, false, false, false, false]);
  });
  it("follow no link out of the folder", async () => {
    await symlink(path.join(space.root, "other"), path.join(space.root, "docs/link"));
    expect(
      (await failureOf(gate([{ kind: "files.read", folder: "docs" }]).answer("files.read", ["docs/link/b.txt"]))).code,
    ).toBe("notAllowed");
  });
  it("write under a checkpoint, and no settings", async () => {
    const writer = gate([{ kind: "files.write", folder: "." }]);
    await writer.answer("files.write", ["docs/a.txt", "new"]);
    expect(await readFile(path.join(space.root, "docs/a.txt"), "utf8")).toBe("new");
    expect((await failureOf(writer.answer("files.write", [".vscode/settings.json", "{}"]))).code).toBe("notAllowed");
    await space.checkpoints.undo("r1");
    expect(await readFile(path.join(space.root, "docs/a.txt"), "utf8")).toBe("alpha");
  });
  it.each([".vitrine/tools/self.ts", "./.vitrine/../.vitrine/tools/self.ts", ".VITRINE/tools/self.ts", ".vitrine/x"])(
    "let no tool write itself or another one: %s",
    async (target) => {
      const writer = gate([{ kind: "files.write", folder: "." }]);
      expect((await failureOf(writer.answer("files.write", [target, "export const run = () => 1;"]))).code).toBe(
        "notAllowed",
      );
    },
  );
  it("work from within the code, in use and in its examples", async () => {
    const source = `/** The length of a file in docs. */
export async function run({ path }: { path: string }, host: VitrineHost): Promise<number> {
  return (await host.files.read(path)).length;
}
export const parameters = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
export const effects = ["read"];
export const capabilities = [{ kind: "files.read", folder: "docs" }];
export const examples = [
  { arguments: { path: "docs/x" }, result: 3, host: { "files.read docs/x": "abc" } },
  { arguments: { path: "docs/y" }, result: 0, host: { "files.read docs/y": "" } },
];
`;
    const { forge, registry } = setUp({ file_length: source });
    await forge.refresh(signal);
    await forge.approve("file_length", forge.list()[0]?.hash ?? "", signal);
    const tool = registry.get("file_length");
    await writeFile(path.join(space.root, "docs/a.txt"), "12345");
    const call = await tool?.prepare({ path: "docs/a.txt" }, { run: "r1", step: 1, signal });
    expect(call?.effects).toEqual(["read"]);
    expect((await call?.act())?.value).toBe(5);
    const outside = await tool?.prepare({ path: "other/b.txt" }, { run: "r1", step: 1, signal });
    expect((await failureOf(outside?.act() ?? Promise.resolve())).message).toMatch(/outside of the folders/);
  });
});

describe("small parts", () => {
  it("adds an example to a file", () => {
    expect(withExample(area, { arguments: { width: 1, height: 1 }, result: 1 })).toContain(
      '{ arguments: {"width":1,"height":1}, result: 1 },\n];',
    );
    expect(() => withExample("export const examples = make();", { arguments: {}, result: 1 })).toThrow(/no list/);
  });
  it("takes the code out of a file", () => {
    expect(codeOf(area)).toBe(
      "export function run({ width, height }: { width: number; height: number }): number {\n  return width * height;\n}",
    );
  });
  it("sees likeness through other names", () => {
    expect(similarity("const a = b + 1; return a * b;", "const x = y + 1; return x * y;")).toBe(1);
    expect(similarity("return a.split(',').map(Number);", "for (const x of y) { z += x; } return z;")).toBeLessThan(
      0.3,
    );
  });
});
