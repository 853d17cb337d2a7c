import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  DirectionExtractResult,
  EditFactResult,
  FeaturesTrainResult,
  PatchResult,
} from "../../../src/contract/acting";
import { writeRandomModel } from "../../fixtures/models/randomModel";

const root = path.resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(path.join(tmpdir(), "vitrine-acting-cli-"));
const at = (name: string) => path.join(folder, name);
let model: string;
beforeAll(() => {
  model = writeRandomModel("llama", folder, { seed: 5 });
  const words = ["on", "in", "an", "ki", "er", "and", "the", "th"];
  writeFileSync(at("positive"), words.map((word) => `${word} the king and`).join("\n"));
  writeFileSync(at("negative"), words.map((word) => `${word} on an in on`).join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function vitrine(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [path.join(root, "dist/cli.js"), ...args], {
    cwd: folder,
    env: { ...process.env, VITRINE_HOME: at("home") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve) => {
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

async function result<T>(...args: string[]): Promise<T> {
  const { status, stdout, stderr } = await vitrine(...args, "--model", model, "--threads", "1");
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as T;
}

interface Said {
  text: string;
  altered: boolean;
  tokens: { id: number; p: number }[];
}

describe("vitrine", () => {
  it("extracts a direction, says what it is and steers with it", async () => {
    const out = at("kings.gguf");
    const sides = ["--positive", at("positive"), "--negative", at("negative")];
    const found = await result<DirectionExtractResult>(
      "direction",
      "extract",
      ...sides,
      "--positions",
      "-1",
      "--out",
      out,
    );
    expect(found.candidates.length).toBeGreaterThan(0);
    expect(await result("direction", "info", out)).toMatchObject({ convention: "vitrine", layers: [found.layer] });
    const generate = ["generate", "--prompt", "the king", "--max", "3"];
    const plain = await result<Said>(...generate);
    const steered = await result<Said>(...generate, "--steer", `${out}:2`);
    expect(plain.altered).toBe(false);
    expect(steered.altered).toBe(true);
    expect(steered.tokens[0]!.p).not.toBeCloseTo(plain.tokens[0]!.p, 6);
  });

  it("edits a fact, and the next answer shows it until the edit is left out", async () => {
    const out = at("edit.gguf");
    const said = await result<Said>("generate", "--prompt", "the king and ", "--max", "1");
    const to = said.text === "q" ? "w" : "q";
    const made = await result<EditFactResult>(
      "edit",
      "fact",
      "--prompt",
      "the king and ",
      "--subject",
      "king",
      "--from",
      said.text || "x",
      "--to",
      to,
      "--method",
      "neurons",
      "--out",
      out,
    );
    expect(made.after.pTo).toBeGreaterThan(made.before.pTo);
    const edited = await result<Said>("generate", "--prompt", "the king and ", "--max", "1", "--edit", out);
    expect(edited.altered).toBe(true);
    expect((await result<Said>("generate", "--prompt", "the king and ", "--max", "1")).text).toBe(said.text);
  });

  it("patches, and trains and shows features", async () => {
    const patched = await result<PatchResult>(
      "patch",
      "--clean",
      "a the b",
      "--corrupt",
      "a and b",
      "--target",
      "c",
      "--foil",
      "d",
    );
    expect(patched.restored.at(-1)!.at(-1)).toBeCloseTo(1, 3);
    writeFileSync(
      at("corpus"),
      Array.from({ length: 900 }, (_, i) => ["the", "king", "and", "on", "an"][(i * i + i) % 5]).join(" "),
    );
    const train = [
      "features",
      "train",
      "--corpus",
      at("corpus"),
      "--layer",
      "1",
      "--features",
      "32",
      "--k",
      "4",
      "--rows",
      "2000",
      "--batch",
      "64",
    ];
    const trained = await result<FeaturesTrainResult>(...train, "--out", at("sae"));
    expect(trained.l0).toBeLessThanOrEqual(4);
    await result("features", "browse", at("sae"), "--corpus", at("corpus"), "--count", "2");
    expect(await result("features", "show", at("sae"), "3")).toMatchObject({ feature: 3 });
  });

  it("says what is wrong in one line", async () => {
    const cases: [string[], number][] = [
      [["direction"], 2],
      [["direction", "fly"], 2],
      [["edit", "info", at("nothing.gguf")], 1],
      [["generate", "--prompt", "x", "--steer", "no.txt"], 2],
      [["features", "info", folder], 1],
    ];
    for (const [args, status] of cases) {
      const ended = await vitrine(...args, "--model", model);
      expect(ended.status, args.join(" ")).toBe(status);
      expect(ended.stderr.trim().split("\n")).toHaveLength(1);
      expect(ended.stderr).toMatch(/^vitrine: /);
    }
  });
});
