import { describe, expect, it } from "vitest";
import { Approvals, memoryStore, nobody, ruleKey, type ApprovalPolicy } from "../../../../src/agent/tools/approvals";
import { ToolRegistry } from "../../../../src/agent/tools/registry";
import { commandTool } from "../../../../src/agent/tools/builtin/command";
import { nodeCommand } from "../../../../src/agent/node/nodeCommand";
import type { ApprovalRequest, ApprovalVerdict, ToolSource } from "../../../../src/contract/tool";
import type { PreparedCall, Tool } from "../../../../src/agent/tools/tool";
import { failureOf } from "./workspace";

const signal = new AbortController().signal;

function call(more: Partial<PreparedCall> = {}): PreparedCall {
  return {
    effects: ["write"],
    target: { kind: "path", path: "/w/a", shown: "a" },
    summary: "Change a",
    reversal: "checkpoint",
    act: () => Promise.resolve({ text: "" }),
    ...more,
  };
}

function setUp(verdict: ApprovalVerdict, policy: ApprovalPolicy = "read", trusted = true, store = memoryStore()) {
  const asked: ApprovalRequest[] = [];
  const approvals = new Approvals({ ask: (request) => (asked.push(request), Promise.resolve({ verdict })) }, store, {
    policy,
    trusted,
  });
  const decide = async (prepared: PreparedCall, tool: { name: string; hash?: string } = { name: "write_file" }) => {
    const request = approvals.request(tool, prepared);
    return request === undefined ? "free" : (await approvals.decide(tool, prepared, request, signal)).by;
  };
  return { decide, asked, store };
}

describe("approvals", () => {
  it("asks once, for the run, always", async () => {
    const once = setUp("once");
    expect([await once.decide(call()), await once.decide(call())]).toEqual(["person", "person"]);
    const run = setUp("run");
    expect([await run.decide(call()), await run.decide(call())]).toEqual(["person", "rule"]);
    const always = setUp("always");
    await always.decide(call());
    expect(await setUp("deny", "read", true, always.store).decide(call())).toBe("rule");
  });
  it("binds a rule to the resolved path, the command in its folder, the host with its port, the code's hash", async () => {
    const { decide } = setUp("run");
    await decide(call());
    expect(await decide(call({ target: { kind: "path", path: "/w/b", shown: "a" } }))).toBe("person");
    expect(await decide(call({ effects: ["write", "irreversible"] }))).toBe("person");
    expect(await decide(call(), { name: "patch_file" })).toBe("person");
    const command = (text: string, folder = "/w") =>
      call({ effects: ["execute"], target: { kind: "command", command: text, folder } });
    await decide(command("npm test"));
    for (const other of [command("npm test "), command("npm test; rm x"), command("npm test", "/x")])
      expect(await decide(other)).toBe("person");
    expect(await decide(command("npm test"))).toBe("rule");
    const url = (host: string) =>
      call({ effects: ["network"], target: { kind: "url", url: `http://${host}/${Math.random()}`, host } });
    await decide(url("a.example"));
    expect(await decide(url("a.example"))).toBe("rule");
    expect(await decide(url("a.example:81"))).toBe("person");
    await decide(call(), { name: "forged", hash: "1" });
    expect(await decide(call(), { name: "forged", hash: "1" })).toBe("rule");
    expect(await decide(call(), { name: "forged", hash: "2" })).toBe("person");
  });
  it("lets no rule or policy answer for a protected file", async () => {
    const { decide, asked } = setUp("always", "all");
    const guarded = call({ mustAsk: "settings" });
    expect([await decide(guarded), await decide(guarded)]).toEqual(["person", "person"]);
    expect(asked[0]?.mustAsk).toBe("settings");
  });
  it("follows its policy", async () => {
    const read = call({ effects: ["read"] });
    expect(await setUp("deny", "read").decide(read)).toBe("policy");
    expect(await setUp("deny", "none").decide(read)).toBe("person");
    expect(await setUp("deny", "all").decide(call())).toBe("policy");
    expect(await setUp("deny", "none").decide(call({ effects: [] }))).toBe("free");
  });
  it("refuses every effect in an untrusted workspace, and without anybody to ask", async () => {
    const { decide, asked } = setUp("always", "all", false);
    expect(await decide(call({ effects: ["read"] }))).toBe("policy");
    expect(asked).toEqual([]);
    const alone = new Approvals(nobody, memoryStore(), { policy: "read", trusted: true });
    const prepared = call();
    const request = alone.request({ name: "x" }, prepared);
    expect(request && (await alone.decide({ name: "x" }, prepared, request, signal)).allowed).toBe(false);
  });
  it("keeps rules as hashes that tell nothing", () => {
    expect(ruleKey({ name: "x" }, call())).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the registry", () => {
  const tool = (name: string, source: ToolSource, origin?: string): Tool => ({
    name,
    description: "",
    parameters: {},
    source,
    effects: [],
    ...(origin ? { origin } : {}),
    prepare: () => Promise.resolve(call()),
  });
  it("keeps a built-in's name from anyone, and a tool's from other files and servers", () => {
    const registry = new ToolRegistry();
    registry.add(tool("read_file", "builtin"));
    registry.add(tool("mine", "forged", "a.ts"));
    expect(() => registry.add(tool("read_file", "forged"))).toThrow(/taken by a built-in/);
    expect(() => registry.add(tool("read_file", "builtin"))).toThrow(/taken/);
    expect(() => registry.add(tool("mine", "mcp", "server"))).toThrow(/taken/);
    expect(() => registry.add(tool("mine", "forged", "b.ts"))).toThrow(/taken/);
    expect(() => registry.add(tool("mine", "forged", "a.ts"))).not.toThrow();
    expect(registry.get("read_file")?.source).toBe("builtin");
  });
  it.each(["", "a b", "x\n", "__proto__.x", "../x", "a".repeat(65), "名"])("refuses the name %j", (name) => {
    expect(() => new ToolRegistry().add(tool(name, "forged"))).toThrow(/no name/);
  });
  it("refuses a hostile schema and tells of changes", () => {
    const registry = new ToolRegistry();
    let told = 0;
    registry.onChange(() => told++);
    expect(() => registry.add({ ...tool("x", "mcp"), parameters: { $ref: "http://evil" } })).toThrow(/outside/);
    registry.add(tool("x", "mcp", "s"));
    registry.removeOrigin("mcp", "s");
    expect([told, registry.all().length]).toEqual([2, 0]);
  });
  it("finds names near to a wrong one", () => {
    const registry = new ToolRegistry();
    ["read_file", "write_file", "fetch_url"].forEach((name) => registry.add(tool(name, "builtin")));
    expect(registry.near("readfile", 1)).toEqual(["read_file"]);
  });
});

describe("commands", () => {
  const tool = commandTool(nodeCommand("/"), { timeoutMs: 400, limit: 1_000 });
  const run = async (command: string) => (await tool.prepare({ command }, { run: "r", step: 1, signal })).act();
  it("gives output and exit status, cleaned and cut", async () => {
    expect((await run("printf '\\033[31mred\\033[0m'")).text).toBe("red\nExit status 0.");
    expect(await run("exit 3")).toMatchObject({ failed: true, text: "Exit status 3. No output." });
    expect((await run("head -c 5000 /dev/zero | tr '\\0' x")).text).toMatch(/4000 bytes of output left out/);
  });
  it("has the folder and the environment from us", async () => {
    process.env["VITRINE_TEST_SECRET"] = "hunter2";
    const { text } = await run("pwd; env");
    delete process.env["VITRINE_TEST_SECRET"];
    expect(text.split("\n")[0]).toBe("/");
    expect(text).not.toContain("hunter2");
    expect(text).toContain("GIT_TERMINAL_PROMPT=0");
  });
  it("ends what does not end, with all it started", async () => {
    expect((await run("sleep 30 & sleep 30")).text).toMatch(/ended after/);
  });
  it("refuses what would not be seen", async () => {
    expect((await failureOf(run("ls \u202etxt"))).code).toBe("notAllowed");
    expect((await failureOf(run("  "))).code).toBe("badArgument");
  });
});
