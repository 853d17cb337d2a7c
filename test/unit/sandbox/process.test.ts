import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SandboxRunner } from "../../../src/agent/tools/forge/sandboxRunner";
import { errorData } from "../../../src/contract/errors";
import type { SandboxMethods } from "../../../src/contract/sandbox";
import { Supervisor } from "../../../src/wire/supervisor";

let folder: string;
let supervisor: Supervisor<SandboxMethods>;
let runner: SandboxRunner;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "vitrine-sandbox-"));
  const file = path.join(folder, "sandbox.mjs");
  await symlink(path.resolve("node_modules"), path.join(folder, "node_modules"));
  await build({
    entryPoints: ["src/sandbox/main.ts"],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
  });
  supervisor = new Supervisor<SandboxMethods>({ name: "The sandbox", file, grace: 50 });
  runner = new SandboxRunner({
    call: (method, params, options) => supervisor.call(method, params, options),
    restart: () => supervisor.stop(),
  });
}, 60_000);

afterAll(async () => {
  await supervisor.stop();
  await rm(folder, { recursive: true, force: true });
});

const signal = new AbortController().signal;
const job = (body: string) => ({
  source: `export async function run(args: unknown, host: never) { ${body} }`,
  argument: { a: 1 },
  functions: [],
  signal,
});

it("runs code in a process of its own and answers its calls", { timeout: 60_000 }, async () => {
  const { value } = await runner.run({
    ...job("return [args, await host.files.read('x')];"),
    functions: ["files.read"],
    host: (_, given) => Promise.resolve(`<${String(given[0])}>`),
  });
  expect(value).toEqual([{ a: 1 }, "<x>"]);
});

it("does not answer for a function that was not handed in", { timeout: 60_000 }, async () => {
  const error = await runner
    .run({ ...job("return host.fetch('x');"), host: () => Promise.resolve("never") })
    .catch(errorData);
  expect(error).toMatchObject({ code: "badReply" });
});

it(
  "ends the process of code that nothing interrupts, and the next run has a new one",
  { timeout: 60_000 },
  async () => {
    // One operation of the machine itself: no step between which it could be interrupted.
    const endless = {
      ...job("return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);"),
      limits: { wallMs: 300, timeMs: 300 },
    };
    const error = await runner.run(endless).catch(errorData);
    expect(error).toMatchObject({ code: expect.stringMatching(/^timeout$/) as string });
    expect((await runner.run(job("return 'alive';"))).value).toBe("alive");
  },
);

it("says so when the process dies under a run", { timeout: 60_000 }, async () => {
  const dying = runner.run({
    ...job("return host.files.read('x');"),
    functions: ["files.read"],
    host: async () => {
      await supervisor.stop();
      return "late";
    },
  });
  const error = await dying.catch(errorData);
  expect(error).toMatchObject({ code: expect.stringMatching(/engineDied|cancelled|timeout/) as string });
  expect((await runner.run(job("return 2;"))).value).toBe(2);
});
