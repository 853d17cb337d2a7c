import { describe, expect, it } from "vitest";
import { describeServer, readServers } from "../../../../src/agent/tools/mcp/serverConfig";

const variables = (name: string) => ({ workspaceFolder: "/work", "env:TOKEN": "secret" })[name];
const read = (value: unknown) => readServers(value, variables, "/home/me");

describe("servers as mcp.json has them", () => {
  it("are programs, started in the person's own folder, or addresses", () => {
    const { servers, problems } = read({
      files: { command: "npx", args: ["-y", "files", "${workspaceFolder}"], env: { KEY: "${env:TOKEN}", N: 1 } },
      far: { url: "https://example.org/mcp", headers: { Authorization: "Bearer ${env:TOKEN}" } },
    });
    expect(problems).toEqual([]);
    expect(servers).toEqual([
      {
        name: "files",
        kind: "stdio",
        command: "npx",
        args: ["-y", "files", "/work"],
        env: { KEY: "secret", N: "1" },
        folder: "/home/me",
      },
      { name: "far", kind: "http", url: "https://example.org/mcp", headers: { Authorization: "Bearer secret" } },
    ]);
  });
  it("are shown whole, without the values of secrets", () => {
    const [files, far] = read({
      files: { command: "run me", args: ["a b"], env: { KEY: "${env:TOKEN}" } },
      far: { url: "https://example.org/mcp", headers: { Authorization: "secret" } },
    }).servers.map(describeServer);
    expect(files).toBe('"run me" "a b"\nin /home/me\nenv: KEY');
    expect(far).toBe("https://example.org/mcp\nheaders: Authorization");
  });
  it.each([
    ["nothing", null],
    ["no command", {}],
    ["a command that is no text", { command: 1 }],
    ["arguments that are no texts", { command: "x", args: [{}] }],
    ["an unknown variable", { command: "${input:key}" }],
    ["a variable that is not set", { command: "x", env: { A: "${env:MISSING}" } }],
    ["another transport", { type: "sse", url: "https://example.org" }],
    ["a file's address", { url: "file:///etc/passwd" }],
  ])("with %s are a problem, and the others stay", (_, bad) => {
    const { servers, problems } = read({ bad, good: { command: "x" } });
    expect(servers.map(({ name }) => name)).toEqual(["good"]);
    expect(problems.map(({ name }) => name)).toEqual(["bad"]);
  });
  it("of no known shape are none", () => {
    expect(read(["x"])).toEqual({ servers: [], problems: [] });
    expect(read({ "\u001b[2J": { command: "x" } }).servers).toEqual([]);
  });
});
