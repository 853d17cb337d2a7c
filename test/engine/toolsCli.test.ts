import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, expect, it } from "vitest";

const program = path.resolve(import.meta.dirname, "../../dist/cli.js");
let folder = "";
let workspace = "";

const source = `/** Turns a title into a slug. */
export const parameters = {
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
  additionalProperties: false,
};
export const effects = [];
export const examples = [
  { arguments: { title: "Glass Case" }, result: "glass-case" },
  { arguments: { title: " a  b " }, result: "a-b" },
];
export function run({ title }: { title: string }) {
  return title.trim().toLowerCase().split(/\\s+/).join("-");
}
`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "vitrine-tools-"));
  workspace = path.join(folder, "workspace");
  await mkdir(path.join(workspace, ".vitrine", "tools"), { recursive: true });
  await writeFile(path.join(workspace, ".vitrine", "tools", "slug.ts"), source);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const env = () => ({ ...process.env, VITRINE_HOME: path.join(folder, "home") }) as Record<string, string>;

async function vitrine(...args: string[]): Promise<{ status: number | null; value: never; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args, "--workspace", workspace], {
    env: env(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, stderr, value: (stdout ? JSON.parse(stdout) : undefined) as never };
}

it("a tool file is checked, refused until it is approved, and then called", async () => {
  const checked = await vitrine("tools", "test", "slug");
  expect(checked.value).toMatchObject({ tools: [{ name: "slug", state: "checked", ok: true }] });
  expect((await vitrine("tools", "call", "slug", '{"title":"A B"}')).status).toBe(1);
  expect((await vitrine("tools", "approve", "slug")).value).toMatchObject({ state: "approved" });
  expect((await vitrine("tools", "call", "slug", '{"title":"A B"}')).value).toMatchObject({ text: "a-b" });
});

it("an approved tool answers an independent MCP client", async () => {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, "mcp", "--workspace", workspace],
      env: env(),
    }),
  );
  try {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["slug"]);
    expect(await client.callTool({ name: "slug", arguments: { title: "Glass Case" } })).toMatchObject({
      content: [{ type: "text", text: "glass-case" }],
    });
    expect(await client.callTool({ name: "slug", arguments: { title: 3 } })).toMatchObject({ isError: true });
  } finally {
    await client.close();
  }
});

it("a file that changed after it was approved is offered no more", async () => {
  const file = path.join(workspace, ".vitrine", "tools", "slug.ts");
  await writeFile(file, (await readFile(file, "utf8")).replace('.join("-")', '.join("-").slice(0)'));
  expect((await vitrine("tools", "test", "slug")).value).toMatchObject({ tools: [{ state: "changed" }] });
  expect((await vitrine("tools", "call", "slug", '{"title":"A B"}')).status).toBe(1);
});

it("imported descriptions are searched in the order of the questions", async () => {
  const list = path.join(folder, "tools.jsonl");
  const queries = path.join(folder, "queries.jsonl");
  const spec = (name: string, description: string) =>
    JSON.stringify({ name, description, parameters: { type: "object" } });
  await writeFile(
    list,
    [spec("get_weather", "The weather of a city."), spec("send_mail", "Sends a letter by e-mail.")].join("\n"),
  );
  await writeFile(queries, '{"id":"q1","query":"mail to Ann"}\n{"id":"q2","query":"what weather is it in Rome"}\n');
  expect((await vitrine("tools", "import", list)).value).toEqual({ imported: 2 });
  const child = spawn(
    process.execPath,
    [program, "tools", "search", "--queries", queries, "--k", "1", "--workspace", workspace],
    { env: env() },
  );
  let stdout = "";
  child.stdout.on("data", (data) => (stdout += data));
  await new Promise((resolve) => child.on("close", resolve));
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; results: { name: string }[] });
  expect(lines.map(({ id, results }) => [id, results[0]?.name])).toEqual([
    ["q1", "send_mail"],
    ["q2", "get_weather"],
  ]);
});
