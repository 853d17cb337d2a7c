import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineMethods } from "../../src/contract/engine";
import { greedy } from "../../src/contract/verbs";
import type { GenerateProgress } from "../../src/contract/verbs";
import { Supervisor } from "../../src/wire/supervisor";
import { bundleEngine } from "./bundle";
import { specimen } from "./open";

let bundle: { file: string; remove(): void };
let engine: Supervisor<EngineMethods>;
beforeAll(async () => {
  bundle = await bundleEngine();
  engine = new Supervisor<EngineMethods>({ name: "The engine", file: bundle.file });
  await engine.call("load", { file: specimen, gpu: "auto", threads: 1 });
});
afterAll(async () => {
  await engine.stop();
  bundle.remove();
});

const endless = { ...greedy, logitBias: [0, 1, 2].map((id) => ({ id, bias: -Infinity })) };
const input = { kind: "prompt" as const, text: "Once upon a time" };

describe("the engine's process", () => {
  it("says what it runs on, without a GPU too", async () => {
    const info = await engine.call("info", {});
    expect(info.devices.some((device) => device.startsWith("CPU"))).toBe(true);
    expect(info.threads).toBe(1);
    expect(info.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it("gives a cancelled answer as far as it came, and is free at once", async () => {
    const abort = new AbortController();
    const seen: GenerateProgress[] = [];
    const result = await engine.call(
      "generate",
      { input, sampling: endless, max: 400 },
      {
        signal: abort.signal,
        onProgress: (event) => {
          seen.push(event);
          if (event.kind === "token" && event.index === 3) abort.abort();
        },
      },
    );
    expect(result.forks[0]!.stop).toBe("cancelled");
    expect(result.forks[0]!.tokens.length).toBeGreaterThan(3);
    expect(result.forks[0]!.tokens.length).toBeLessThan(400);
    await expect(engine.call("generate", { input, sampling: endless, max: 2 })).resolves.toBeDefined();
  });

  it("answers while it generates, and lets two conversations take turns", async () => {
    const long = engine.call("generate", { input, sampling: endless, max: 200, session: "a" });
    const { memory } = await engine.call("ping", {});
    expect(memory).toBeGreaterThan(0);
    const looked = engine.call("observe", {
      sequences: [input],
      reads: [{ site: "resid_post", layer: 0, positions: "all" }],
    });
    const other = engine.call("generate", {
      input: { ...input, text: "The river" },
      sampling: endless,
      max: 20,
      session: "b",
    });
    const [first, observed, second] = await Promise.all([long, looked, other]);
    expect(first.forks[0]!.tokens).toHaveLength(200);
    expect(second.forks[0]!.tokens).toHaveLength(20);
    expect(observed.sequences[0]!.states[0]!.data).toBeInstanceOf(Float32Array);
  });

  it("is asked for a catalogue and an estimate without a model", async () => {
    const own = new Supervisor<EngineMethods>({ name: "The engine", file: bundle.file });
    const { models } = await own.call("catalogue", { folder: "/nowhere" });
    expect(models.length).toBeGreaterThan(3);
    expect(await own.call("estimate", { file: specimen, gpu: "off" })).toMatchObject({ fits: true });
    await expect(own.call("download", { uri: "ftp://x", folder: "/nowhere" })).rejects.toMatchObject({
      code: "badArgument",
    });
    await own.stop();
  });
});
