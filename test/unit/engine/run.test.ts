import { describe, expect, it } from "vitest";
import type { Intervention } from "../../../src/contract/sites";
import type { Context } from "../../../src/engine/llama/context";
import { SequenceCache, alterationKey, validUntil } from "../../../src/engine/run/cache";
import { Lock } from "../../../src/engine/run/lock";
import { resolvePositions, resolveWhere } from "../../../src/engine/run/positions";
import { schemaGrammar } from "../../../src/engine/run/schema";
import { CoreWatch, chooseThreads } from "../../../src/engine/run/threads";

describe("positions", () => {
  it("come out sorted, once each, from either end", () => {
    expect(resolvePositions("all", 3)).toEqual([0, 1, 2]);
    expect(resolvePositions("last", 3)).toEqual([2]);
    expect(resolvePositions([-1, 0, 2], 3)).toEqual([0, 2]);
    expect(() => resolvePositions([3], 3)).toThrow(/outside/);
    expect(() => resolvePositions([-4], 3)).toThrow(/outside/);
    expect(() => resolvePositions([0.5], 3)).toThrow(/outside/);
  });

  it("of an intervention follow the end of the prompt", () => {
    expect(resolveWhere("prompt", 5, 3)).toEqual([0, 1, 2]);
    expect(resolveWhere("generated", 5, 3)).toEqual([3, 4]);
    expect(resolveWhere("lastPrompt", 5, 3)).toEqual([2]);
    expect(resolveWhere([-1, 0], 5, 3)).toEqual([2, 0]);
  });
});

describe("threads", () => {
  it("are one for the smallest models, and never more than the free cores", () => {
    expect(chooseThreads(6e6, 16)).toBe(1);
    expect(chooseThreads(100e6, 16)).toBe(2);
    expect(chooseThreads(7e9, 6)).toBe(6);
    expect(chooseThreads(7e9, 0.2)).toBe(1);
  });

  it("are chosen by what others leave free", () => {
    const free = new CoreWatch().look();
    expect(free).toBeGreaterThanOrEqual(1);
  });
});

describe("a lock", () => {
  it("lets one in at a time, in order, also after a failure", async () => {
    const lock = new Lock();
    const seen: string[] = [];
    const work = (name: string, broken = false) =>
      lock.run(async () => {
        seen.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} out`);
        if (broken) throw new Error(name);
      });
    const results = await Promise.allSettled([work("a"), work("b", true), work("c")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(seen).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  it("lets nobody in who has gone", async () => {
    const gone = AbortSignal.abort();
    await expect(new Lock().run(() => Promise.resolve(1), gone)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("the sequence cache", () => {
  /** A context that only notes what is asked of it. */
  function cacheOver(size = 1000, slots = 4) {
    const done: string[] = [];
    const context = {
      size,
      clear: () => void done.push("clear"),
      cut: (sequence: number, from: number) => {
        done.push(`cut ${sequence} ${from}`);
        return true;
      },
      share: (from: number, to: number, length: number) => void done.push(`share ${from} ${to} ${length}`),
    } as unknown as Context;
    return { cache: new SequenceCache(context, slots, true), done };
  }
  const options = { key: "", prompt: 0, validUntil: Infinity, reserve: 0 };

  it("reuses the longest prefix, and always leaves a token to run", () => {
    const { cache } = cacheOver();
    const first = cache.acquire([1, 2, 3], options);
    expect(first.reused).toBe(0);
    first.entry.tokens.push(1, 2, 3);
    expect(cache.acquire([1, 2, 3], options).reused).toBe(2);
    expect(cache.acquire([1, 2, 9, 9], { ...options, session: "other" }).reused).toBe(2);
  });

  it("does not mix states of other interventions", () => {
    const { cache } = cacheOver();
    cache.acquire([1, 2, 3], options).entry.tokens.push(1, 2, 3);
    expect(cache.acquire([1, 2, 3], { ...options, key: "steered" }).reused).toBe(0);
    expect(cache.acquire([1, 2, 3, 4], options).reused).toBe(3);
  });

  it("reuses states that depend on the prompt's end only up to it", () => {
    const { cache } = cacheOver();
    cache.acquire([1, 2, 3], { ...options, prompt: 3, validUntil: 3 }).entry.tokens.push(1, 2, 3, 4, 5);
    expect(cache.acquire([1, 2, 3, 4, 5, 6], { ...options, prompt: 6, validUntil: 6 }).reused).toBe(3);
  });

  it("drops the oldest when cells or sequences run out", () => {
    const { cache, done } = cacheOver(10, 2);
    cache.acquire([1, 2, 3, 4], { ...options, session: "a" }).entry.tokens.push(1, 2, 3, 4);
    cache.acquire([5, 6, 7, 8], { ...options, session: "b" }).entry.tokens.push(5, 6, 7, 8);
    cache.acquire([9, 9, 9, 9, 9], { ...options, session: "c" });
    expect(done.filter((each) => each === "cut 0 0").length).toBeGreaterThan(0);
    expect(cache.acquire([1, 2, 3, 4], { ...options, session: "a" }).reused).toBe(0);
  });

  it("is keyed by everything that was done", () => {
    const one: Intervention = {
      site: "resid_post",
      layer: 1,
      where: "all",
      operation: "add",
      values: Float32Array.of(1, 2),
    };
    expect(alterationKey([], "")).toBe("");
    expect(alterationKey([one], "")).not.toBe(alterationKey([{ ...one, values: Float32Array.of(1, 3) }], ""));
    expect(alterationKey([one], "")).not.toBe(alterationKey([{ ...one, strength: 2 }], ""));
    expect(alterationKey([one], "")).toBe(alterationKey([{ ...one, values: Float32Array.of(1, 2) }], ""));
    expect(validUntil([one], 5)).toBe(Infinity);
    expect(validUntil([one, { ...one, where: "lastPrompt" }], 5)).toBe(4);
    expect(validUntil([{ ...one, where: [-3, 0] }], 5)).toBe(2);
  });
});

describe("a schema's grammar", () => {
  it("asks for what is required and allows the rest", () => {
    const grammar = schemaGrammar({
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "string" } },
      required: ["b"],
    });
    expect(grammar).toMatch(/^root ::= /);
    expect(grammar).toContain('"\\"b\\"" ":"');
  });

  it("follows references, also to itself", () => {
    const grammar = schemaGrammar({
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
          required: ["next"],
        },
      },
    });
    expect(grammar).toContain("ref-defs-node ::=");
  });

  it.each([
    { type: "array" as const, minItems: 3, maxItems: 2 },
    { enum: [] },
    { type: "thing" as never },
    { $ref: "#/nowhere" },
    { $ref: "http://elsewhere" },
    { type: "string" as const, maxLength: 1e9 },
  ])("refuses %o", (schema) => {
    expect(() => schemaGrammar(schema)).toThrow(expect.objectContaining({ code: "badArgument" }));
  });

  it("refuses what is nested without end", () => {
    let schema: Parameters<typeof schemaGrammar>[0] = { type: "null" };
    for (let depth = 0; depth < 50; depth++) schema = { type: "array", items: schema };
    expect(() => schemaGrammar(schema)).toThrow(/deep/);
  });
});
