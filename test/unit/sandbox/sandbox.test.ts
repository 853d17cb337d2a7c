import { describe, expect, it } from "vitest";
import { mutated } from "../../../src/sandbox/mutate";
import { sandboxHandlers } from "../../../src/sandbox/handlers";
import { stripTypes } from "../../../src/sandbox/strip";
import { errorData, type ErrorData } from "../../../src/contract/errors";
import type { Json } from "../../../src/contract/json";
import {
  defaultLimits,
  type HostCall,
  type HostFunction,
  type SandboxLimits,
  type SandboxResult,
} from "../../../src/contract/sandbox";

const handlers = sandboxHandlers();
let count = 0;

interface Options {
  argument?: Json;
  functions?: HostFunction[];
  limits?: Partial<SandboxLimits>;
  host?: (call: HostCall) => { value?: Json; error?: ErrorData } | undefined;
  signal?: AbortSignal;
  deterministic?: boolean;
  mutate?: boolean;
}

function run(source: string, options: Options = {}): Promise<SandboxResult> {
  const name = `run${++count}`;
  const { signal = new AbortController().signal, host } = options;
  return handlers.run(
    {
      run: name,
      source,
      entry: "run",
      argument: options.argument ?? {},
      functions: options.functions ?? [],
      limits: { ...defaultLimits, timeMs: 10_000, ...options.limits },
      ...(options.deterministic ? { deterministic: true } : {}),
      ...(options.mutate ? { mutate: true } : {}),
    },
    {
      signal,
      progress: (call) => {
        const answer = host?.(call);
        if (answer)
          void handlers.answer({ run: call.run, call: call.call, ...answer }, { signal, progress: () => undefined });
      },
    },
  );
}

const value = async (source: string, options?: Options) => (await run(source, options)).value;
const failure = (source: string, options?: Options) =>
  run(source, options).then(
    ({ value: given }) => ({ code: "none", message: `gave ${JSON.stringify(given)}` }),
    (error: unknown) => errorData(error),
  );

describe("code in the sandbox", () => {
  it("is TypeScript, called with its arguments", async () => {
    const source = `interface Args { a: number; b?: number }
      export function run({ a, b = 2 }: Args): { sum: number } { const sum = (a as number) + b!; return { sum } satisfies object; }`;
    expect(await value(source, { argument: { a: 1 } })).toEqual({ sum: 3 });
  });
  it("may wait for itself", async () => {
    expect(await value("export async function run() { await null; return [await Promise.resolve(1), 2]; }")).toEqual([
      1, 2,
    ]);
  });
  it("may write to its log", async () => {
    const { logs } = await run("export const run = () => { console.log('a', { b: 1 }); return null; }");
    expect(logs).toEqual(['a {"b":1}']);
  });
  it("has clock and chance fixed where a run must be repeatable", async () => {
    const source = "export const run = () => [Math.random(), Date.now(), new Date().getTime(), Math.random()];";
    expect(await value(source, { deterministic: true })).toEqual(await value(source, { deterministic: true }));
  });
  it("tells what it exports without being called", async () => {
    const { exports, functions } = await handlers.describe(
      {
        source: "export const n: number = 1; export const list = [{ a: null }]; export function run() { throw 1; }",
        limits: defaultLimits,
      },
      { signal: new AbortController().signal, progress: () => undefined as never },
    );
    expect({ exports, functions }).toEqual({ exports: { n: 1, list: [{ a: null }] }, functions: ["run"] });
  });
  it("keeps its lines when types go", () => {
    expect(stripTypes("type A = {\n a: 1 };\nexport const x: A = 1 as never;\n").split("\n")).toHaveLength(4);
  });
});

describe("code that would take what is not its own", () => {
  it.each([
    "process",
    "require",
    "module",
    "Buffer",
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "setTimeout",
    "setInterval",
    "queueMicrotask",
    "WebAssembly",
    "Deno",
    "window",
    "self",
    "global",
    "__log",
    "__host",
    "__names",
    "std",
    "os",
    "scriptArgs",
    "Worker",
    "performance",
    "navigator",
  ])("%s does not exist", async (name) => {
    expect(await value(`export const run = () => typeof globalThis[${JSON.stringify(name)}];`)).toBe("undefined");
  });
  it.each([
    ["constructor.constructor", "return ({}).constructor.constructor('return typeof process + typeof require')()"],
    ["a function's constructor", "return (async () => {}).constructor('return typeof process')().then(String)"],
    ["eval", "return eval('typeof process')"],
    ["the stack of an error", "Error.prepareStackTrace = (e, s) => s; return typeof new Error().stack?.[0]?.getThis"],
    ["the host's function", "return host.files ? 'there' : 'absent'"],
  ])("%s leads nowhere", async (_, body) => {
    const given = await value(`export function run(args, host) { ${body} }`);
    expect(JSON.stringify(given)).not.toMatch(/object|function|there/);
  });
  it.each([
    "import fs from 'node:fs'; export const run = () => fs;",
    "export const run = () => import('node:fs');",
    "import './other.ts'; export const run = () => 1;",
    "export * from 'os'; export const run = () => 1;",
  ])("imports fail: %s", async (source) =>
    expect((await failure(source)).message).toMatch(/Imports are not available/),
  );
  it("pollutes only its own world", async () => {
    await value(
      "export const run = () => { Object.prototype.polluted = 1; Array.prototype.map = () => 'evil'; JSON.stringify = () => 'evil'; return null; }",
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(
      await value("export const run = () => [({}).polluted === undefined, JSON.stringify([1].map(String))];"),
    ).toEqual([true, '["1"]']);
  });
  it("gives a result that pollutes nothing", async () => {
    const given = await value(`export const run = () => JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}');`);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf(given)).toBe(Object.prototype);
  });
  it("cannot forge its result by replacing JSON", async () => {
    expect(
      await value("JSON.stringify = () => '\"forged\"'; JSON.parse = () => 7; export const run = (args) => args;", {
        argument: { a: 1 },
      }),
    ).toEqual({ a: 1 });
  });
  it("gets only the host's functions it was handed", async () => {
    const source = "export const run = (_, host) => [Object.keys(host), typeof host.fetch, typeof host.files?.write];";
    expect(await value(source, { functions: ["files.read"] })).toEqual([["files"], "undefined", "undefined"]);
  });
});

describe("code without measure", () => {
  it.each([
    ["an endless loop", "for (;;);", "timeout"],
    ["an endless loop that catches", "for (;;) { try { for (;;); } catch {} finally { } }", "timeout"],
    ["endless jobs", "const again = () => Promise.resolve().then(again); return again();", "timeout"],
    ["an endless generator", "return [...(function* () { for (;;) yield 1; })()].length;", "timeout|tooLarge"],
    ["a regular expression that never ends", "return /^(a+)+$/.test('a'.repeat(50) + '!');", "timeout"],
    ["a sort that never ends", "return [3, 2, 1].sort(() => { for (;;); });", "timeout"],
    [
      "a getter in the thrown error that never ends",
      "throw { get message() { for (;;); }, get stack() { for (;;); } };",
      "badReply|timeout",
    ],
    ["a toJSON that never ends", "return { toJSON() { for (;;); } };", "timeout"],
    ["memory", "const all = []; for (;;) all.push(new Array(1000).fill(1));", "tooLarge|timeout"],
    ["one large array", "return new ArrayBuffer(1e9).byteLength;", "tooLarge|badReply"],
    ["one long text", "let s = 'x'; for (;;) s += s;", "tooLarge|badReply|timeout"],
    ["deep recursion", "const f = (n) => f(n + 1) + 1; return f(0);", "tooLarge"],
    ["deep nesting", "let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a;", "tooLarge|timeout|badReply"],
    ["deep recursion in JSON", "return JSON.parse('['.repeat(1e6));", "tooLarge|badReply|timeout"],
    ["a giant result", "return 'x'.repeat(1_000_000);", "tooLarge"],
    ["a promise that never settles", "return new Promise(() => {});", "badReply"],
    ["a module that never ends", "return 1; } for (;;); {", "timeout"],
    ["a module that waits for ever", "return 1; } await new Promise(() => {}); {", "badReply"],
  ])("%s is ended", async (_, body, code) => {
    expect(
      (await failure(`export function run() { ${body} }`, { limits: { memory: 16 << 20, timeMs: 300 } })).code,
    ).toMatch(new RegExp(code));
    expect(await value("export const run = () => 'the next one runs';")).toBe("the next one runs");
  });
  it("a giant log is cut", async () => {
    const { logs } = await run(
      "export const run = () => { for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000)); return 1; }",
      { limits: { output: 10_000 } },
    );
    expect(logs.join("").length).toBeLessThanOrEqual(10_001);
  });
  it.each([
    ["undefined", "return undefined"],
    ["a function", "return () => 1"],
    ["a symbol within", "return { a: [Symbol('x')] }"],
    ["NaN", "return { a: NaN }"],
    ["Infinity", "return [1 / 0]"],
    ["a big integer", "return 10n"],
    ["a cycle", "const a = {}; a.a = a; return a"],
    ["undefined within", "return { a: undefined }"],
  ])("a result that is not JSON is refused: %s", async (_, body) => {
    expect((await failure(`export function run() { ${body} }`)).code).toBe("badReply");
  });
  it.each([
    ["text", "throw 'plain words'", /plain words/],
    ["nothing", "throw undefined", /without a word/],
    ["an error with its line", "\n\nthrow new RangeError('too big')", /RangeError: too big \(line 3\)/],
    ["a lie", "throw { message: { toString() { throw 1 } } }", /without a word/],
  ])("what it throws is told: %s", async (_, body, wanted) => {
    expect(await failure(`export function run() { ${body} }`)).toMatchObject({
      code: "badReply",
      message: expect.stringMatching(wanted) as string,
    });
  });
  it.each([
    ["no such function", "export const x = 1;", /exports no function run/],
    ["what does not parse", "export function run( {", /does not parse/],
    ["too long a file", `//${"x".repeat(70_000)}\nexport const run = () => 1;`, /at most/],
  ])("says: %s", async (_, source, wanted) => expect((await failure(source)).message).toMatch(wanted));
});

describe("calls of the host", () => {
  it("are answered, in any order", async () => {
    const source =
      "export const run = async (_, host) => (await Promise.all([host.files.read('a'), host.fetch('b')])).join('+');";
    const calls: HostCall[] = [];
    const given = await value(source, {
      functions: ["files.read", "fetch"],
      host: (call) => {
        calls.push(call);
        if (calls.length < 2) return undefined;
        for (const each of [...calls].reverse())
          void handlers.answer(
            { run: each.run, call: each.call, value: `<${String(each.arguments[0])}>` },
            { signal: new AbortController().signal, progress: () => undefined as never },
          );
        return undefined;
      },
    });
    expect(given).toBe("<a>+<b>");
  });
  it("that fail can be caught", async () => {
    const source =
      "export const run = async (_, host) => { try { await host.fetch('x'); } catch (error) { return error.message; } }";
    expect(
      await value(source, { functions: ["fetch"], host: () => ({ error: { code: "notAllowed", message: "No." } }) }),
    ).toBe("No.");
  });
  it("that are never answered end with the run's time", async () => {
    const source = "export const run = (_, host) => host.fetch('x');";
    expect((await failure(source, { functions: ["fetch"], limits: { wallMs: 60 } })).code).toBe("timeout");
  });
  it("are limited in number", async () => {
    const source =
      "export const run = async (_, host) => { for (let i = 0; i < 10; i++) await host.fetch('x'); return 1; }";
    expect(
      (await failure(source, { functions: ["fetch"], limits: { calls: 3 }, host: () => ({ value: null }) })).message,
    ).toMatch(/More than 3 calls/);
  });
  it("do not count waiting as running", async () => {
    const source = "export const run = async (_, host) => { await host.fetch('x'); return 1; }";
    const late = (call: HostCall) => {
      setTimeout(
        () =>
          void handlers.answer(
            { run: call.run, call: call.call, value: null },
            { signal: new AbortController().signal, progress: () => undefined as never },
          ),
        150,
      );
      return undefined;
    };
    expect((await run(source, { functions: ["fetch"], limits: { timeMs: 140 }, host: late })).value).toBe(1);
  });
  it("can be cancelled", async () => {
    const abort = new AbortController();
    const source = "export const run = (_, host) => host.fetch('x');";
    const ended = failure(source, {
      functions: ["fetch"],
      signal: abort.signal,
      host: () => void abort.abort() as undefined,
    });
    expect((await ended).code).toBe("cancelled");
  });
});

describe("mutated results", () => {
  it.each([null, true, 0, 1.5, "", "text", [], [1, 2], {}, { a: "b", c: [1] }] as Json[])(
    "%j becomes another value",
    (given) => {
      expect(mutated(given)).not.toEqual(given);
    },
  );
  it("are given when asked", async () => {
    expect(await value("export const run = () => 4;", { mutate: true })).toBe(5);
  });
});

it("many runs leave no memory behind", { timeout: 60_000 }, async () => {
  for (let i = 0; i < 150; i++) expect(await value(`export const run = () => ${i};`)).toBe(i);
  expect(process.memoryUsage().rss).toBeLessThan(1_500_000_000);
});
