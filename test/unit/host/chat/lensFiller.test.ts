import { expect, test } from "vitest";
import type { AnswerLens } from "../../../../src/contract/chatView";
import { VitrineError } from "../../../../src/contract/errors";
import type { LensCell, LensRestProgress, TokenLens } from "../../../../src/contract/verbs";
import { GrowingLens } from "../../../../src/host/chat/growingLens";
import { LensFiller } from "../../../../src/host/chat/lensFiller";
import type { ChatPorts } from "../../../../src/host/chat/ports";

const cell = (text: string): LensCell => ({ top: [{ id: 1, text, p: 1 }], entropy: 0, kl: 0, p: -1, rank: -1 });
const bare = (text: string): TokenLens => ({
  rows: [{ site: "embed" }, { site: "resid_post", layer: 0 }],
  cells: [null, cell(text)],
});

function growing(): GrowingLens {
  const lens = new GrowingLens();
  // The first two tokens of the fork had been decided before: their events have no lens.
  lens.add(2, bare("a"));
  lens.add(3, bare("b"));
  return lens;
}

type Rest = (say: (progress: LensRestProgress) => void) => void;

function ports(rest: Rest, asked: unknown[] = []): Pick<ChatPorts, "engine" | "log"> {
  const call = (_method: string, params: unknown, { onProgress }: { onProgress: (value: LensRestProgress) => void }) =>
    Promise.resolve().then(() => {
      asked.push(params);
      rest(onProgress);
      return { cells: 0 };
    });
  const log = { debug: () => undefined };
  return { engine: { call }, log } as unknown as Pick<ChatPorts, "engine" | "log">;
}

test("cells come to the token of their event, and earlier snapshots stay as they were", () => {
  const lens = growing();
  const before = [...lens.tokens];
  lens.fill([{ fork: 0, index: 3, rows: [0], cells: [cell("x")] }]);
  lens.fill([{ fork: 0, index: 9, rows: [0], cells: [cell("nowhere")] }]);
  expect(lens.tokens[1]!.cells[0]!.top[0]!.text).toBe("x");
  expect(lens.tokens[0]!.cells[0]).toBeNull();
  expect(before[1]!.cells[0]).toBeNull();
});

test("a lens is completed in the background, and told whole", async () => {
  const told: AnswerLens[] = [];
  const asked: unknown[] = [];
  const filler = new LensFiller(
    ports((say) => {
      say({ pieces: [{ fork: 0, index: 2, rows: [0], cells: [cell("x")] }], done: 1, total: 2 });
      say({ pieces: [{ fork: 0, index: 3, rows: [0], cells: [cell("y")] }], done: 2, total: 2 });
    }, asked),
    (lens) => told.push(lens),
  );
  filler.add({ node: "n", lens: growing(), left: { id: "lens-1", cells: 2 } });
  await expect.poll(() => told.at(-1)?.left).toBe(0);
  expect(asked).toEqual([{ id: "lens-1" }]);
  expect(told[0]).toMatchObject({ node: "n", left: 2 });
  expect(told.at(-1)!.incomplete).toBeUndefined();
  expect(told.at(-1)!.tokens.map(({ cells }) => cells[0]!.top[0]!.text)).toEqual(["x", "y"]);
});

test("one that cannot be completed says so, and the next goes on", async () => {
  const told: AnswerLens[] = [];
  let first = true;
  const filler = new LensFiller(
    ports((say) => {
      if (first) {
        first = false;
        throw new VitrineError({ code: "badArgument", message: "too old" });
      }
      say({ pieces: [], done: 2, total: 2 });
    }),
    (lens) => told.push(lens),
  );
  filler.add({ node: "one", lens: growing(), left: { id: "lens-1", cells: 2 } });
  filler.add({ node: "two", lens: growing(), left: { id: "lens-2", cells: 2 } });
  await expect.poll(() => told.at(-1)).toMatchObject({ node: "two", left: 0 });
  expect(told.findLast(({ node }) => node === "one")).toMatchObject({ left: 2, incomplete: true });
});

test("one that lacks nothing is told once", async () => {
  const told: AnswerLens[] = [];
  const filler = new LensFiller(
    ports(() => expect.unreachable()),
    (lens) => told.push(lens),
  );
  filler.add({ node: "n", lens: growing(), left: undefined });
  await expect.poll(() => told.length).toBe(1);
  expect(told[0]).toMatchObject({ left: 0 });
});
