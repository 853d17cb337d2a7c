import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { State, GenerateParams, GenerateProgress, LensCell, LensPiece, TokenLens } from "../../src/contract/verbs";
import { greedy } from "../../src/contract/verbs";
import { lens } from "../../src/engine/microscope/lens";
import { generate } from "../../src/engine/run/generate";
import { LensQueue } from "../../src/engine/run/lensQueue";
import { lensRest } from "../../src/engine/run/lensRest";
import { lensPlan } from "../../src/engine/run/tokenLens";
import type { Opened } from "./open";
import { openModel, quiet, watched } from "./open";

let opened: Opened;

beforeAll(async () => {
  opened = await openModel();
});
afterAll(() => opened.close());

const params: GenerateParams = {
  input: { kind: "prompt", text: "The capital of the country is a large city, and its river" },
  sampling: greedy,
  max: 24,
  top: 3,
  lens: { sites: ["embed", "resid_post"], top: 3 },
};

function fill(tokens: readonly TokenLens[], pieces: readonly LensPiece[]): void {
  for (const { index, rows, cells } of pieces)
    rows.forEach((row, at) => {
      expect(tokens[index]!.cells[row]).toBeNull();
      tokens[index]!.cells[row] = cells[at]!;
    });
}

/** The tokens' lenses as the events of a generation leave them. */
function read(seen: readonly GenerateProgress[]): TokenLens[] {
  const tokens: TokenLens[] = [];
  for (const event of seen) {
    if (event.kind === "token") tokens.push(event.lens!);
    if (event.kind === "lens") fill(tokens, event.pieces);
  }
  return tokens;
}

/** Cells of the lens panel for the positions that predicted `ids`, a column a token. */
async function panel(prompt: readonly number[], ids: readonly number[]): Promise<LensCell[][]> {
  const lab = opened.engine.lab();
  const all = [...prompt, ...ids];
  const found = await lens(
    lab,
    { input: { kind: "tokens", ids: all.slice(0, -1) }, sites: ["embed", "resid_post"], top: 3 },
    quiet(),
  );
  return ids.map((_, index) => found.cells.map((row) => row[prompt.length - 1 + index]!));
}

function expectSame(own: LensCell | null | undefined, other: LensCell): void {
  expect(own?.top[0]!.p).toBeCloseTo(other.top[0]!.p, 2);
  expect(Math.abs(own!.entropy - other.entropy)).toBeLessThan(0.02);
  expect(Math.abs(own!.kl - other.kl)).toBeLessThan(0.02);
}

describe("the live lens", () => {
  it("is complete after the answer, and what the lens panel shows", async () => {
    const seen: GenerateProgress[] = [];
    const { forks, lensLeft } = await generate(opened.session, params, watched(seen));
    const tokens = read(seen);
    const ids = forks[0]!.tokens.map(({ id }) => id);
    expect(tokens.length).toBe(ids.length);
    const missing = tokens.flatMap(({ cells }) => cells).filter((cell) => cell === null).length;
    expect(lensLeft?.cells ?? 0).toBe(missing);
    const rest: { done: number; total: number; pieces: LensPiece[] }[] = [];
    if (lensLeft) {
      const { cells } = await lensRest(opened.session, lensLeft, watched(rest));
      expect(cells).toBe(missing);
      expect(rest.at(-1)).toMatchObject({ done: missing, total: missing });
      rest.forEach(({ pieces }) => fill(tokens, pieces));
    }
    const prompt = opened.session.model.vocabulary.encode((params.input as { text: string }).text, {
      special: false,
      frame: true,
    });
    const expected = await panel(Array.from(prompt), ids);
    tokens.forEach(({ cells }, index) => cells.forEach((cell, row) => expectSame(cell, expected[index]![row]!)));
  });

  it("has the model's own output at once", async () => {
    const seen: GenerateProgress[] = [];
    await generate(opened.session, params, watched(seen));
    for (const event of seen) {
      if (event.kind !== "token") continue;
      const own = event.lens!.cells.at(-1)!;
      expect(own.kl).toBe(0);
      expect(own.entropy).toBe(event.token.entropy);
      expect(own.top.map(({ id }) => id)).toEqual(event.token.top.map(({ id }) => id));
      expect(own.top[0]!.p).toBe(event.token.top[0]!.p);
    }
  });

  it("gives each fork its own", async () => {
    const seen: GenerateProgress[] = [];
    const { lensLeft, forks } = await generate(
      opened.session,
      { ...params, max: 6, forks: [{ prefix: [] }, { prefix: [40] }] },
      watched(seen),
    );
    const rest: { pieces: LensPiece[] }[] = [];
    await lensRest(opened.session, lensLeft!, watched(rest));
    const made = [
      ...seen.flatMap((event) => (event.kind === "lens" ? event.pieces : [])),
      ...rest.flatMap((each) => each.pieces),
    ];
    for (const [fork, { tokens }] of forks.entries()) {
      const cells = made.filter((piece) => piece.fork === fork).flatMap((piece) => piece.cells);
      expect(cells.length).toBe(tokens.length * opened.session.model.layers);
    }
  });

  it("makes states again for which there was no room", async () => {
    const { session } = opened;
    const plan = lensPlan(params.lens!, session.model.layers);
    const seen: GenerateProgress[] = [];
    const { lens: _lens, ...plain } = params;
    const { forks } = await generate(session, { ...plain, reads: plan.reads }, watched(seen));
    const prompt = Array.from(
      session.model.vocabulary.encode("The capital of the country is a large city, and its river", {
        special: false,
        frame: true,
      }),
    );
    const source = { plan, contextOf: () => prompt, prompt: prompt.length, interventions: [], edits: [] };
    const room = plan.reads.length * session.model.embedding * 4 * 5;
    const queue = new LensQueue(session, source, room);
    const row = {
      ids: new Int32Array(0),
      logits: new Float32Array(0),
      logZ: 0,
      entropy: 0,
      all: () => new Float32Array(0),
    };
    const tokens: TokenLens[] = [];
    for (const event of seen)
      if (event.kind === "token") tokens.push(queue.offer(0, event.token, event.index, event.states as State[], row));
    await queue.rest(new AbortController().signal, ({ pieces }) => fill(tokens, pieces));
    const expected = await panel(
      prompt,
      forks[0]!.tokens.map(({ id }) => id),
    );
    tokens.forEach(({ cells }, index) =>
      cells.slice(0, -1).forEach((cell, at) => expectSame(cell, expected[index]![at]!)),
    );
  });

  it("is given once, and stops when it is told to", async () => {
    const { lensLeft } = await generate(opened.session, params, quiet());
    const abort = new AbortController();
    abort.abort();
    await expect(lensRest(opened.session, lensLeft!, quiet(abort.signal))).rejects.toThrow();
    await expect(lensRest(opened.session, lensLeft!, quiet())).rejects.toMatchObject({ code: "badArgument" });
  });

  it("refuses what is no state of the stream, and cells without a token", async () => {
    await expect(
      generate(opened.session, { ...params, lens: { sites: ["pattern"], top: 3 } }, quiet()),
    ).rejects.toMatchObject({ code: "noSuchSite" });
    for (const wrong of [
      { sites: [], top: 3 },
      { sites: ["embed" as const], top: 0 },
    ])
      await expect(generate(opened.session, { ...params, lens: wrong }, quiet())).rejects.toMatchObject({
        code: "badArgument",
      });
  });
});
