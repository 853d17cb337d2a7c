import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Intervention, Read, Site } from "../../src/contract/sites";
import { greedy } from "../../src/contract/verbs";
import type { Input, Observed } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { observe } from "../../src/engine/run/observe";
import { largestDifference, openModel, quiet, watched } from "./open";
import type { Opened } from "./open";

let opened: Opened;
let layers: number;
let width: number;
beforeAll(async () => {
  opened = await openModel();
  ({ layers, embedding: width } = opened.session.model);
});
afterAll(() => opened.close());

const input: Input = { kind: "prompt", text: "The capital of the country is a large city, and its river" };
const writable: Site[] = [
  "embed",
  "resid_pre",
  "attn_out",
  "resid_mid",
  "mlp_post",
  "mlp_out",
  "resid_post",
  "z",
  "final_norm",
  "logits",
];
const layerless = new Set<Site>(["embed", "final_norm", "logits"]);

async function look(
  interventions: Intervention[],
  reads: Read[] = [],
  sequences: Input[] = [input],
): Promise<Observed[]> {
  return (await observe(opened.session, { sequences, reads, interventions, logits: "all" }, quiet())).sequences;
}

function at(site: Site, layer: number): { site: Site; layer?: number } {
  return layerless.has(site) ? { site } : { site, layer };
}

function direction(length: number, seed = 1): Float32Array {
  return Float32Array.from({ length }, (_, index) => Math.sin(index * 12.9898 + seed * 78.233));
}

describe.each(writable)("an intervention at %s", (site) => {
  const layer = 2;

  it("is what a read at the same place sees, and nothing before it changes", async () => {
    const place = at(site, layer);
    const reads: Read[] = [
      { ...place, positions: "all" },
      { site: "resid_post", layer: layer - 1, positions: "all" },
    ];
    const [plain] = await look([], reads);
    const before = plain!.states[0]!;
    const values = direction(before.width);
    const where = [3, -2];
    const [changed] = await look([{ ...place, where, operation: "add", strength: 0.5, values }], reads);
    const after = changed!.states[0]!;
    const acted = new Set(where.map((position) => (position < 0 ? before.positions.length + position : position)));
    for (const position of before.positions) {
      // Later positions may differ where the site itself depends on earlier ones; at and before the first they may not.
      if (position > 3) continue;
      for (let index = 0; index < before.width; index++) {
        const was = before.data[position * before.width + index]!;
        const is = after.data[position * before.width + index]!;
        const wanted = acted.has(position) ? was + 0.5 * values[index]! : was;
        expect(Math.abs(is - wanted)).toBeLessThan(1e-4 * (1 + Math.abs(wanted)));
      }
    }
    if (site !== "embed") expect(largestDifference(plain!.states[1]!.data, changed!.states[1]!.data)).toBe(0);
    expect(largestDifference(plain!.logits!.data, changed!.logits!.data)).toBeGreaterThan(0);
  });
});

describe("operations", () => {
  const place = { site: "resid_post" as const, layer: 3 };
  const read: Read[] = [{ ...place, positions: "all" }];

  async function rows(
    intervention: Omit<Intervention, "site" | "layer">,
  ): Promise<{ before: Float32Array[]; after: Float32Array[] }> {
    const split = (data: Float32Array): Float32Array[] =>
      Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width));
    const [plain] = await look([], read);
    const [changed] = await look([{ ...place, ...intervention }], read);
    return { before: split(plain!.states[0]!.data), after: split(changed!.states[0]!.data) };
  }

  it("zero, scale and clamp act on chosen elements", async () => {
    const indices = [0, 5, 17];
    const zero = await rows({ where: "all", operation: "zero", indices });
    const scaled = await rows({ where: "all", operation: "scale", strength: -2, indices });
    const clamped = await rows({ where: "all", operation: "clamp", low: -0.5, high: 0.25, indices });
    zero.before.forEach((row, position) => {
      row.forEach((value, index) => {
        const chosen = indices.includes(index);
        expect(zero.after[position]![index]).toBe(chosen ? 0 : value);
        expect(scaled.after[position]![index]).toBe(chosen ? Math.fround(-2 * value) : value);
        expect(clamped.after[position]![index]).toBe(chosen ? Math.min(Math.max(value, -0.5), 0.25) : value);
      });
    });
  });

  it("set and mean put values in place", async () => {
    const values = direction(width);
    for (const operation of ["set", "mean"] as const) {
      const { before, after } = await rows({ where: [1], operation, values });
      expect(after[1]).toEqual(values);
      expect(after[0]).toEqual(before[0]);
    }
  });

  it("projectOut leaves the target along the direction and everything across it", async () => {
    const values = direction(width);
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const along = (row: Float32Array): number =>
      row.reduce((sum, value, index) => sum + value * values[index]!, 0) / norm;
    const out = await rows({ where: "all", operation: "projectOut", values });
    const half = await rows({ where: "all", operation: "projectOut", values, strength: 0.5, target: 3 });
    out.before.forEach((row, position) => {
      expect(Math.abs(along(out.after[position]!))).toBeLessThan(1e-3);
      expect(along(half.after[position]!)).toBeCloseTo(along(row) - 0.5 * (along(row) - 3), 2);
      const across = (each: Float32Array): Float32Array =>
        each.map((value, index) => value - (along(each) * values[index]!) / norm);
      expect(largestDifference(across(row), across(out.after[position]!))).toBeLessThan(1e-2);
    });
  });

  it("a patch of the last stream brings the other run's logits", async () => {
    const other: Input = { kind: "prompt", text: "The colour of the building is a bright red, and its door" };
    const last: Read = { site: "resid_post", layer: layers - 1, positions: "all" };
    const [theirs] = await look([], [last], [other]);
    const { data, positions } = theirs!.states[0]!;
    const [mine] = await look([], [last]);
    const rowsGiven = Math.min(positions.length, mine!.states[0]!.positions.length);
    const values = data.slice(0, rowsGiven * width);
    const where = Array.from({ length: rowsGiven }, (_, index) => index);
    const [patched] = await look([{ ...last, where, operation: "patch", values, rows: rowsGiven }]);
    const size = opened.session.model.vocabulary.size;
    const logits = (observed: Observed): Float32Array => observed.logits!.data.subarray(0, rowsGiven * size);
    expect(largestDifference(logits(patched!), logits(theirs!))).toBeLessThan(1e-3);
    expect(largestDifference(logits(mine!), logits(theirs!))).toBeGreaterThan(0.1);
  });

  it("heads of z are whole heads", async () => {
    const { headWidth } = opened.session.model;
    const z: Read = { site: "z", layer: 1, positions: "all" };
    const [plain] = await look([], [z]);
    const [changed] = await look(
      [{ site: "z", layer: 1, where: "all", operation: "zero", unit: "head", indices: [2] }],
      [z],
    );
    const [before, after] = [plain!.states[0]!, changed!.states[0]!];
    before.data.forEach((value, index) => {
      const head = Math.floor((index % before.width) / headWidth);
      expect(after.data[index]).toBe(head === 2 ? 0 : value);
    });
  });

  it("touch the sequences they name, and no other", async () => {
    const zero: Intervention = { ...place, where: "all", operation: "zero", sequences: [1] };
    const [first, second] = await look([zero], read, [input, input]);
    const [plain] = await look([], read, [input, input]);
    expect(largestDifference(first!.logits!.data, plain!.logits!.data)).toBe(0);
    expect(second!.states[0]!.data.every((value) => value === 0)).toBe(true);
  });

  it("follow one another in the order they are given", async () => {
    const one = direction(width, 1);
    const [observed] = await look(
      [
        { ...place, where: [0], operation: "set", values: one },
        { ...place, where: [0], operation: "scale", strength: 2 },
      ],
      read,
    );
    expect(observed!.states[0]!.data.subarray(0, width)).toEqual(one.map((value) => 2 * value));
  });
});

describe("refused", () => {
  const place = { site: "resid_post" as const, layer: 1, where: "all" as const };
  it.each([
    [{ ...place, operation: "add", values: new Float32Array(3) }, "wrongModel"],
    [{ ...place, operation: "add" }, "badArgument"],
    [{ ...place, operation: "set", values: "width NaN" }, "notFinite"],
    [{ ...place, operation: "scale", strength: Number.POSITIVE_INFINITY }, "notFinite"],
    [{ ...place, operation: "projectOut", values: "width 0" }, "badArgument"],
    [{ ...place, operation: "zero", indices: [1e6] }, "badArgument"],
    [{ ...place, operation: "clamp", low: 2, high: 1 }, "badArgument"],
    [{ ...place, operation: "zero", unit: "head", indices: [0] }, "badArgument"],
    [{ ...place, layer: 1000, operation: "zero" }, "noSuchSite"],
    [{ site: "pattern", layer: 0, where: "all", operation: "zero" }, "badArgument"],
    [{ ...place, where: [0, 1], operation: "patch", rows: 3, values: "width 0" }, "badArgument"],
    [{ ...place, operation: "explode" }, "badArgument"],
  ])("%o", async (given, code) => {
    const fill = (given as { values?: unknown }).values;
    const values =
      fill === "width NaN"
        ? new Float32Array(width).fill(Number.NaN)
        : fill === "width 0"
          ? new Float32Array(width)
          : fill;
    const intervention = { ...given, ...(values === undefined ? {} : { values }) } as Intervention;
    await expect(look([intervention])).rejects.toMatchObject({ code });
  });
});

describe("while generating", () => {
  const sampling = { ...greedy, logitBias: [0, 1, 2].map((id) => ({ id, bias: -Infinity })) };
  const vector = direction(256, 3);

  async function answer(interventions: Intervention[], extra: object = {}) {
    return generate(opened.session, { input, sampling, max: 16, top: 3, interventions, ...extra }, quiet());
  }

  function steer(where: Intervention["where"], layer = 2): Intervention {
    return { site: "resid_post", layer, where, operation: "add", strength: 2, values: vector.slice(0, width) };
  }

  it("llama.cpp's control vector does what writing does", async () => {
    const ids = [...opened.session.model.vocabulary.encode("The capital of", { special: false, frame: true })];
    const tokens: Input = { kind: "tokens", ids };
    const byVector = await answer([steer("all")], { input: tokens });
    // The list of positions says the same for one token, and is written instead.
    const byWriting = await answer([steer("all"), { ...steer([0]), strength: 0 }], { input: tokens });
    expect(byWriting.forks[0]!.text).toBe(byVector.forks[0]!.text);
    byVector.forks[0]!.tokens.forEach(({ p }, index) => {
      expect(Math.abs(p - byWriting.forks[0]!.tokens[index]!.p)).toBeLessThan(1e-2);
    });
    expect(byVector.altered).toBe(true);
  });

  it("changes the answer, and is gone when it is switched off", async () => {
    const plain = await answer([]);
    const steered = await answer([{ ...steer("all"), strength: 6 }]);
    const again = await answer([]);
    expect(steered.forks[0]!.text).not.toBe(plain.forks[0]!.text);
    expect(again.forks[0]!.text).toBe(plain.forks[0]!.text);
    expect(plain.altered).toBe(false);
  });

  it.each(["prompt", "generated", "lastPrompt"] as const)(
    "acts on %s alone, and reuses no state it spoils",
    async (where) => {
      const first = await answer([{ ...steer(where), strength: 6 }]);
      const { vocabulary } = opened.session.model;
      const prompt = [...vocabulary.encode((input as { text: string }).text, { special: false, frame: true })];
      const ids = [...prompt, ...first.forks[0]!.tokens.map(({ id }) => id), 100, 101];
      const second = await answer([{ ...steer(where), strength: 6 }], { input: { kind: "tokens", ids } });
      opened.session.live().cache.forgetAll();
      const fresh = await answer([{ ...steer(where), strength: 6 }], { input: { kind: "tokens", ids } });
      expect(second.timings.reusedTokens).toBeLessThanOrEqual(prompt.length);
      expect(second.forks[0]!.text).toBe(fresh.forks[0]!.text);
    },
  );

  it("reports what meters show", async () => {
    const unit = vector.slice(0, width);
    const meters = [{ name: "mine", layer: 2, vector: unit, scale: 2 }];
    const seen: { kind: string; states?: { data: Float32Array }[]; token?: { meters?: Record<string, number> } }[] = [];
    await generate(
      opened.session,
      { input, sampling, max: 4, meters, reads: [{ site: "resid_post", layer: 2, positions: "last" }] },
      watched(seen as never[]),
    );
    const tokens = seen.filter(({ kind }) => kind === "token");
    expect(tokens).toHaveLength(4);
    for (const { states, token } of tokens) {
      const along = states![0]!.data.reduce((sum, value, index) => sum + value * unit[index]!, 0) / 2;
      expect(token!.meters!["mine"]).toBeCloseTo(along, 3);
    }
  });
});
