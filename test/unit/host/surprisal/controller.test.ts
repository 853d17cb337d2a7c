import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SurprisalParams, SurprisalResult } from "../../../../src/contract/instruments";
import { fail } from "../../../../src/contract/errors";
import { SurprisalController } from "../../../../src/host/surprisal/controller";
import { modelInfo } from "../fakeEngine";
import { fake, window, workspace, type Range } from "../fakeVscode";
import { silentLog } from "../silentLog";

type Document = Parameters<SurprisalController["show"]>[0];
type Engine = ConstructorParameters<typeof SurprisalController>[0];

let text: string;
let asked: { params: SurprisalParams; signal: AbortSignal | undefined }[];
let answer: (params: SurprisalParams) => Promise<SurprisalResult>;
let drawn: Map<unknown, Range[]>;
let model: ReturnType<typeof modelInfo>;
let modelChanged: () => void;
let controller: SurprisalController;

/** A document of one line, so that an offset is a column. */
const document = {
  uri: { toString: () => "file:/a.txt", path: "/a.txt" },
  isClosed: false,
  getText: () => text,
  positionAt: (offset: number) => ({ line: 0, character: offset }),
  offsetAt: ({ character }: { character: number }) => character,
} as unknown as Document;

/** Each word a token; a word with a `!` is very surprising. */
function scores({ text: whole, from = 0 }: SurprisalParams): Promise<SurprisalResult> {
  let start = 0;
  const tokens = (whole.match(/\s*\S+/g) ?? []).map((word, id) => {
    const at = start;
    start += word.length;
    return {
      id,
      text: word,
      start: at,
      end: start,
      surprisal: word.includes("!") ? 12 : 0.1,
      entropy: 1,
      rank: 0,
      top: [],
    };
  });
  return Promise.resolve({ tokens: tokens.filter(({ start: at }) => at >= from), perplexity: 1, overlap: 0 });
}

/** What is shaded most strongly, as text. */
function strongest(): string[] {
  const ranges = [...drawn.values()].at(-1) ?? [];
  return ranges.map(({ start, end }) => text.slice(start.character, end.character));
}

function edit(offset: number, length: number, inserted: string): void {
  text = text.slice(0, offset) + inserted + text.slice(offset + length);
  fake.documentChanged.fire({
    document,
    contentChanges: [{ rangeOffset: offset, rangeLength: length, text: inserted }],
  });
}

beforeEach(() => {
  fake.reset();
  vi.useFakeTimers();
  text = "one two! three";
  asked = [];
  answer = scores;
  drawn = new Map();
  model = modelInfo();
  const listeners: (() => void)[] = [];
  modelChanged = () => listeners.forEach((listener) => listener());
  window.visibleTextEditors.push({
    document,
    setDecorations: (type: unknown, ranges: Range[]) => drawn.set(type, ranges),
  });
  workspace.textDocuments.push(document);
  const engine = {
    get model() {
      return model;
    },
    onDidChange: (listener: () => void) => {
      listeners.push(listener);
      return { dispose: () => undefined };
    },
    call: (_: string, params: SurprisalParams, { signal }: { signal?: AbortSignal }) => {
      asked.push({ params, signal });
      return answer(params);
    },
  } as unknown as Engine;
  controller = new SurprisalController(engine, silentLog());
});
afterEach(() => {
  controller.dispose();
  vi.useRealTimers();
});

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000);
}

test("a document is shaded when it is switched on, and plain again when it is switched off", async () => {
  controller.show(document);
  await settle();
  expect(controller.isOn(document)).toBe(true);
  expect(strongest()).toEqual([" two!"]);
  controller.hide(document);
  expect(controller.isOn(document)).toBe(false);
  expect(strongest()).toEqual([]);
});

test("typing moves the shades at once, and asks once, from the changed word on", async () => {
  controller.show(document);
  await settle();
  edit(0, 0, "z");
  edit(1, 0, "z");
  expect(strongest()).toEqual([" two!"]);
  expect(asked).toHaveLength(1);
  await settle();
  expect(asked).toHaveLength(2);
  edit(text.length, 0, " four!");
  await settle();
  expect(asked[2]?.params.from).toBe(text.indexOf(" three"));
  expect(strongest()).toEqual([" two!", " four!"]);
});

test("a run of a text that is no more is cancelled, and its answer is not shown", async () => {
  let late: () => void = () => undefined;
  answer = (params) => new Promise((resolve) => (late = () => void scores(params).then(resolve)));
  controller.show(document);
  answer = scores;
  edit(0, 8, "six");
  expect(asked[0]?.signal?.aborted).toBe(true);
  late();
  await settle();
  expect(text).toBe("six three");
  expect(strongest()).toEqual([]);
});

test("a long document is read up to the limit, and says so once", async () => {
  fake.settings.set("vitrine.surprisal.limit", 100);
  text = "word ".repeat(100);
  controller.show(document);
  await settle();
  expect(asked[0]?.params.text).toHaveLength(100);
  edit(0, 0, "x");
  await settle();
  expect(fake.shown).toEqual([expect.objectContaining({ kind: "info", message: expect.stringContaining("100") })]);
});

test("a model that cannot do it is said, and the document is plain", async () => {
  answer = () => Promise.resolve().then(() => fail("noModel", "No model is loaded."));
  controller.show(document);
  await settle();
  expect(controller.isOn(document)).toBe(false);
  expect(fake.shown[0]).toMatchObject({ kind: "error", message: "No model is loaded." });
});

test("another model reads everything again", async () => {
  controller.show(document);
  await settle();
  modelChanged();
  expect(asked).toHaveLength(1);
  model = modelInfo({ fingerprint: "other" });
  modelChanged();
  await settle();
  expect(asked).toHaveLength(2);
  expect(asked[1]?.params.from).toBeUndefined();
});

test("a hover tells of the token under the cursor, and of nothing elsewhere", async () => {
  controller.show(document);
  await settle();
  const hover = controller.provideHover(document, { character: 5 } as never);
  expect(JSON.stringify(hover)).toContain("surprisal 12.00 nats");
  expect(controller.provideHover(document, { character: 99 } as never)).toBeUndefined();
});
