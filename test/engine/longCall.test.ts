import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Read } from "../../src/contract/sites";
import { greedy } from "../../src/contract/verbs";
import type { Input } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { observe } from "../../src/engine/run/observe";
import { runPass } from "../../src/engine/run/pass";
import { writeRandomModel } from "../fixtures/models/randomModel";
import { largestDifference, openModel, quiet } from "./open";
import type { Opened } from "./open";

// A model large enough that a full batch goes to another thread, callbacks included.
const folder = mkdtempSync(path.join(tmpdir(), "vitrine-long-"));
const shape = { width: 512, layers: 6, heads: 8, neurons: 1536, context: 1024 };
let opened: Opened;

beforeAll(async () => {
  opened = await openModel(writeRandomModel("llama", folder, shape), { context: 1024 });
});
afterAll(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

const ids = Array.from({ length: 300 }, (_, index) => 1 + ((index * 13) % 250));
const input: Input = { kind: "tokens", ids };
const reads: Read[] = Array.from({ length: shape.layers }, (_, layer) => ({
  site: "resid_post",
  layer,
  positions: "all",
}));

describe("a long call", () => {
  it("leaves the event loop free", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await generate(opened.session, { input, sampling: greedy, max: 1 }, quiet());
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it("reads and writes from the other thread what a short one does here", async () => {
    const interventions = [
      { site: "resid_post" as const, layer: 2, where: "all" as const, operation: "scale" as const, strength: 0.5 },
    ];
    const long = await observe(opened.session, { sequences: [input], reads, interventions }, quiet());
    const short = reads.map(() => new Float32Array(ids.length * shape.width));
    await runPass(opened.session, {
      sequences: [ids],
      reads,
      interventions,
      chunk: 32,
      signal: quiet().signal,
      onPart: ({ from, states }) => states.forEach(({ data }, index) => short[index]!.set(data, from * shape.width)),
    });
    long.sequences[0]!.states.forEach(({ data }, index) => {
      const size = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largestDifference(data, short[index]!)).toBeLessThan(1e-3 * size);
    });
  });

  it.each(["generate", "observe"] as const)("of %s stops in the middle, and the next one is right", async (verb) => {
    const fresh = await generate(opened.session, { input, sampling: greedy, max: 4 }, quiet());
    opened.session.plain().cache.forgetAll();
    const abort = new AbortController();
    const call = quiet<never>(abort.signal);
    const work =
      verb === "generate"
        ? generate(opened.session, { input, sampling: greedy, max: 4 }, call)
        : observe(opened.session, { sequences: [input, input], reads }, call);
    setTimeout(() => abort.abort(), 5);
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toSatisfy(
      (thrown: { code?: string; name?: string } | undefined) =>
        thrown?.code === "cancelled" || thrown?.name === "AbortError",
    );
    const next = await generate(opened.session, { input, sampling: greedy, max: 4 }, quiet());
    expect(next.forks[0]!.tokens.map(({ id }) => id)).toEqual(fresh.forks[0]!.tokens.map(({ id }) => id));
  });
});
