import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "vitrine-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

function start(...args: string[]): { child: ChildProcess; run: Promise<Run> } {
  const child = spawn(process.execPath, [path.join(root, "dist/cli.js"), ...args], {
    cwd: folder,
    env: { ...process.env, VITRINE_HOME: path.join(folder, "home") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const run = new Promise<Run>((resolve) => {
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
  return { child, run };
}

const vitrine = (...args: string[]): Promise<Run> => start(...args).run;

async function result<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await vitrine(...args);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout) as T;
}

interface Tok {
  id: number;
  text: string;
}

describe("vitrine", () => {
  it("tells what the model is", async () => {
    const info = await result<Record<string, unknown>>("info");
    expect(info).toMatchObject({ architecture: "llama", quantisation: "F16" });
    for (const key of [
      "file",
      "name",
      "parameters",
      "layers",
      "embedding",
      "heads",
      "kvHeads",
      "neurons",
      "vocabulary",
      "context",
      "chatTemplate",
      "llamaVersion",
      "devices",
    ]) {
      expect(info).toHaveProperty(key);
    }
  });

  it("tokenizes without loss, and reads control tokens as text unless asked", async () => {
    const text = "a <|im_end|> 你好\n";
    const { tokens } = await result<{ tokens: (Tok & { bytes?: number[] })[] }>("tokenize", "--text", text);
    const bytes = tokens.flatMap((token) => token.bytes ?? [...Buffer.from(token.text)]);
    expect(Buffer.from(bytes).toString()).toBe(text);
    const special = await result<{ tokens: Tok[] }>("tokenize", "--special", "--text", "<|im_end|>");
    expect(special.tokens).toHaveLength(1);
  });

  it("generates greedily the same each time, with a distribution for each token", async () => {
    const call = ["generate", "--prompt", "The capital of France is", "--max", "6", "--top", "3"];
    const first = await result<{
      text: string;
      stop: string;
      tokens: (Tok & { p: number; entropy: number; top: { p: number; id: number }[] })[];
      timings: object;
    }>(...call);
    expect(first.tokens.length).toBeLessThanOrEqual(6);
    for (const token of first.tokens) {
      expect(token.top).toHaveLength(3);
      expect(token.top[0]?.id).toBe(token.id);
      expect(token.top[0]?.p).toBeCloseTo(token.p, 6);
      expect(token.entropy).toBeGreaterThanOrEqual(0);
    }
    expect(first.timings).toHaveProperty("promptTokens");
    expect((await result<{ text: string }>(...call)).text).toBe(first.text);
  });

  it("streams a line a token and the result last", async () => {
    const { stdout } = await vitrine("generate", "--prompt", "One", "--max", "4", "--stream");
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { text: string; stop?: string });
    const last = lines.pop();
    expect(last?.stop).toBeDefined();
    expect(lines.map(({ text }) => text).join("")).toBe(last?.text);
  });

  it("answers a conversation in the form that was asked", async () => {
    const chat = path.join(folder, "chat.json");
    const schema = path.join(folder, "schema.json");
    await writeFile(chat, JSON.stringify([{ role: "user", content: "What is the capital of France?" }]));
    await writeFile(
      schema,
      JSON.stringify({
        type: "object",
        properties: { city: { type: "string", maxLength: 20 } },
        required: ["city"],
        additionalProperties: false,
      }),
    );
    const { text } = await result<{ text: string }>("generate", "--chat", chat, "--schema", schema, "--max", "60");
    expect(Object.keys(JSON.parse(text) as object)).toEqual(["city"]);
  });

  it("alters a run by an ablation", async () => {
    const prompt = ["--prompt", "The capital of France is", "--max", "1"];
    const [plain, altered] = await Promise.all([
      result<{ altered: boolean; tokens: { p: number }[] }>("generate", ...prompt),
      result<{ altered: boolean; tokens: { p: number }[] }>("generate", ...prompt, "--ablate", "mlp_out.2"),
    ]);
    expect([plain.altered, altered.altered]).toEqual([false, true]);
    expect(altered.tokens[0]?.p).not.toBe(plain.tokens[0]?.p);
  });

  it("looks through the lens: the last row is the model's own output", async () => {
    const prompt = "The capital of France is";
    const lens = await result<{
      tokens: Tok[];
      rows: object[];
      cells: { top: { id: number; p: number }[]; kl: number; p: number; rank: number }[][];
      target: Tok;
    }>("lens", "--prompt", prompt, "--top", "1", "--target", " P");
    expect(lens.cells).toHaveLength(lens.rows.length);
    const last = lens.cells.at(-1)?.at(-1);
    const { tokens } = await result<{ tokens: (Tok & { p: number })[] }>("generate", "--prompt", prompt, "--max", "1");
    expect(last?.top[0]?.id).toBe(tokens[0]?.id);
    expect(last?.top[0]?.p).toBeCloseTo(tokens[0]?.p ?? -1, 4);
    expect(last?.kl).toBeCloseTo(0, 5);
  });

  it("splits a logit into parts that sum to it", async () => {
    const split = await result<{ logit: number; sum: number; parts: { contribution: number }[] }>(
      "attribution",
      "--prompt",
      "The capital of France is",
      "--target",
      " P",
    );
    expect(Math.abs(split.sum - split.logit)).toBeLessThanOrEqual(1e-3 * Math.abs(split.logit));
    expect(split.parts.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(split.sum, 3);
  });

  it("measures surprisal with an editor's offsets", async () => {
    const text = "Hi 你 there";
    const { tokens, perplexity } = await result<{ tokens: { start: number; end: number }[]; perplexity: number }>(
      "surprisal",
      "--text",
      text,
    );
    expect(tokens[0]?.start).toBe(0);
    expect(tokens.at(-1)?.end).toBe(text.length);
    expect(perplexity).toBeGreaterThan(1);
  });

  it("runs the other instruments", async () => {
    const prompt = ["--prompt", "The capital of France is"];
    const layers = await result<{ layers: { attn?: { kl: number }; mlp?: object }[] }>("layers", ...prompt);
    expect(layers.layers.every(({ attn, mlp }) => attn && mlp)).toBe(true);
    const { neurons } = await result<{ neurons: { id: string }[] }>(
      "neurons",
      ...prompt,
      "--layer",
      "2",
      "--count",
      "3",
    );
    expect(neurons.map(({ id }) => id)).toEqual(expect.arrayContaining([expect.stringMatching(/^2\.\d+$/)]));
    const attention = await result<{ tokens: Tok[]; heads: { pattern: number[][] }[] }>(
      "attention",
      ...prompt,
      "--layer",
      "1",
      "--head",
      "0",
    );
    expect(attention.heads).toHaveLength(1);
    expect(attention.heads[0]?.pattern.at(-1)?.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    const near = await result<{ input: { text: string; cosine: number }[] }>("embedding", " P", "--count", "3");
    expect(near.input).toHaveLength(3);
  });
});

describe("a wrong call", () => {
  it.each([
    [["nonsense"], 2],
    [["generate"], 2],
    [["generate", "--prompt", "a", "--max", "x"], 2],
    [["lens", "--prompt", "a", "--wrong"], 2],
    [["attention", "--prompt", "a", "--layer", "99"], 1],
    [["info", "--model", "nowhere.gguf"], 1],
    [["generate", "--chat", "nowhere.json"], 1],
  ] as const)("%j ends with its status and one line", async (args, status) => {
    const run = await vitrine(...args);
    expect(run.status).toBe(status);
    expect(run.stdout).toBe("");
    expect(run.stderr).toMatch(/^vitrine: [^\n]+\n$/);
  });

  it("tells what each command takes", async () => {
    const { status, stdout } = await vitrine("help", "lens");
    expect(status).toBe(0);
    expect(stdout).toContain("--target");
  });
});

it("an interrupt ends it as cancelled", async () => {
  const { child, run } = start(
    "generate",
    "--prompt",
    "One two three",
    "--max",
    "1000000",
    "--stream",
    "--ablate",
    "mlp_out.0",
    "--context",
    "4096",
  );
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const { status, stderr } = await run;
  expect(status).toBe(130);
  expect(stderr).toBe("vitrine: cancelled\n");
});
