import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fraction } from "../../src/contract/instruments";
import { layerlessSites } from "../../src/contract/sites";
import type { Read, Site } from "../../src/contract/sites";
import { greedy } from "../../src/contract/verbs";
import type { Input, Observed, State } from "../../src/contract/verbs";
import type { GenerateProgress } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { observe } from "../../src/engine/run/observe";
import { largestDifference, openModel, quiet, watched } from "./open";
import type { Opened } from "./open";

let opened: Opened;
let layers: number;
let everything: Read[];

beforeAll(async () => {
  opened = await openModel();
  ({ layers } = opened.session.model);
  everything = opened.session.sites.known.flatMap((site): Read[] =>
    layerlessSites.includes(site)
      ? [{ site, positions: "all" }]
      : Array.from({ length: layers }, (_, layer) => ({ site, layer, positions: "all" as const })),
  );
});
afterAll(() => opened.close());

const one: Input = { kind: "prompt", text: "The capital of the country is a large city, and its river" };
const other: Input = { kind: "prompt", text: "Hello there" };

function state(observed: Observed, site: Site, layer?: number): State {
  return observed.states.find((each) => each.site === site && each.layer === layer)!;
}

describe("observe", () => {
  it("leaves the logits as they are, whatever is read", async () => {
    const sequences = [one, other];
    const read = await observe(opened.session, { sequences, reads: everything, logits: "all" }, quiet());
    const plain = await observe(opened.session, { sequences, reads: [], logits: "all" }, quiet());
    for (const index of [0, 1]) {
      expect(largestDifference(read.sequences[index]!.logits!.data, plain.sequences[index]!.logits!.data)).toBe(0);
    }
  });

  it("gives a live view the very numbers of plain generation", async () => {
    const params = { input: one, sampling: greedy, max: 12, top: 5 };
    const plain = await generate(opened.session, params, quiet());
    const seen: GenerateProgress[] = [];
    const live = await generate(
      opened.session,
      {
        ...params,
        reads: everything.filter(({ site }) => site !== "pattern"),
        lens: { sites: ["resid_post"], top: 3 },
      },
      watched(seen),
    );
    expect(live.forks[0]!.tokens).toEqual(plain.forks[0]!.tokens);
  });

  it("reads a stream that adds up in every layer", async () => {
    const { sequences } = await observe(opened.session, { sequences: [one, other], reads: everything }, quiet());
    for (const observed of sequences) {
      for (let layer = 0; layer < layers; layer++) {
        const sum = (a: State, b: State): Float32Array => a.data.map((value, index) => value + b.data[index]!);
        const mid = state(observed, "resid_mid", layer);
        const post = state(observed, "resid_post", layer);
        expect(
          largestDifference(mid.data, sum(state(observed, "resid_pre", layer), state(observed, "attn_out", layer))),
        ).toBe(0);
        expect(largestDifference(post.data, sum(mid, state(observed, "mlp_out", layer)))).toBe(0);
        if (layer > 0)
          expect(state(observed, "resid_pre", layer).data).toEqual(state(observed, "resid_post", layer - 1).data);
      }
      expect(state(observed, "resid_pre", 0).data).toEqual(state(observed, "embed").data);
    }
  });

  it("reads attention patterns whose rows sum to one and look back only", async () => {
    const { sequences } = await observe(opened.session, { sequences: [one, other], reads: everything }, quiet());
    for (const observed of sequences) {
      const { data, width, positions } = state(observed, "pattern", layers - 1);
      expect(data.length).toBe(opened.session.model.heads * width * width);
      for (let row = 0; row < data.length / width; row++) {
        const line = data.subarray(row * width, (row + 1) * width);
        const query = positions[row % width]!;
        expect(line.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
        expect(line.subarray(query + 1).every((value) => value === 0)).toBe(true);
      }
    }
  });

  it("gives a batch of sequences what each gives alone", async () => {
    const reads: Read[] = [
      { site: "resid_post", layer: layers - 1, positions: "all" },
      { site: "pattern", layer: 1, positions: "all" },
    ];
    const both = await observe(opened.session, { sequences: [one, other], reads, logits: "last" }, quiet());
    for (const [index, input] of [one, other].entries()) {
      const alone = await observe(opened.session, { sequences: [input], reads, logits: "last" }, quiet());
      for (const at of [0, 1]) {
        const most = largestDifference(both.sequences[index]!.states[at]!.data, alone.sequences[0]!.states[at]!.data);
        expect(most).toBeLessThan(2e-3);
      }
    }
  });

  it("keeps chosen positions, counted from either end", async () => {
    const all = await observe(
      opened.session,
      { sequences: [one], reads: [{ site: "resid_post", layer: layers - 1, positions: "all" }] },
      quiet(),
    );
    const some = await observe(
      opened.session,
      { sequences: [one], reads: [{ site: "resid_post", layer: layers - 1, positions: [-1, 0, 2] }] },
      quiet(),
    );
    const kept = some.sequences[0]!.states[0]!;
    const { data, width, positions } = all.sequences[0]!.states[0]!;
    expect(kept.positions).toEqual([0, 2, positions.length - 1]);
    kept.positions.forEach((position, row) => {
      const mine = kept.data.subarray(row * width, (row + 1) * width);
      expect(largestDifference(mine, data.subarray(position * width, (position + 1) * width))).toBeLessThan(2e-3);
    });
  });

  it("runs more sequences than the cache holds at once", async () => {
    const ids = Array.from({ length: 300 }, (_, index) => 100 + (index % 50));
    const sequences: Input[] = Array.from({ length: 20 }, () => ({ kind: "tokens", ids }));
    const seen: Fraction[] = [];
    const { sequences: observed } = await observe(
      opened.session,
      { sequences, reads: [{ site: "resid_post", layer: 0, positions: "last" }] },
      watched(seen),
    );
    expect(observed).toHaveLength(20);
    expect(seen.at(-1)).toMatchObject({ done: 6000, total: 6000 });
    for (const { states } of observed)
      expect(largestDifference(states[0]!.data, observed[0]!.states[0]!.data)).toBeLessThan(2e-3);
  });

  it.each([
    [[], [{ site: "resid_post", layer: 0, positions: "all" }], "badArgument"],
    [[one], [{ site: "resid_post", layer: 99, positions: "all" }], "noSuchSite"],
    [[one], [{ site: "resid_post", positions: "all" }], "noSuchSite"],
    [[one], [{ site: "resid_post", layer: 0, positions: [500] }], "badArgument"],
    [[{ kind: "tokens", ids: [] }], [], "badArgument"],
    [[{ kind: "tokens", ids: [1e9] }], [], "unknownToken"],
    [[{ kind: "tokens", ids: Array<number>(5000).fill(5) }], [], "contextFull"],
  ] as [Input[], Read[], string][])("refuses what it cannot do (%#)", async (sequences, reads, code) => {
    await expect(observe(opened.session, { sequences, reads }, quiet())).rejects.toMatchObject({ code });
  });

  it("stops when it is cancelled", async () => {
    const abort = new AbortController();
    const ids = Array.from({ length: 400 }, (_, index) => 100 + index);
    const work = observe(
      opened.session,
      { sequences: Array.from({ length: 40 }, () => ({ kind: "tokens", ids })), reads: [] },
      { signal: abort.signal, progress: () => abort.abort() },
    );
    await expect(work).rejects.toMatchObject({ name: "AbortError" });
    await expect(observe(opened.session, { sequences: [other], reads: [] }, quiet())).resolves.toBeDefined();
  });
});
