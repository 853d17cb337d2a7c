import { describe, expect, it } from "vitest";
import { ReplyReader } from "../../../src/engine/run/reply";
import type { ReplyOptions } from "../../../src/engine/run/reply";
import { marksOf } from "../../../src/engine/run/thinking";

const think = { open: "<think>", close: "</think>" };

/** Reads pieces as tokens; the last may be a control token that ends the reply. */
function read(pieces: readonly (string | Uint8Array)[], options: Partial<ReplyOptions> = {}, end?: string) {
  const reader = new ReplyReader({ insideThought: false, stops: [], ...options });
  const steps: string[][] = [];
  const take = (id: number, piece: string | Uint8Array, ends: boolean, special = false): void => {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    const token = {
      id,
      text: Buffer.from(bytes).toString(),
      p: 1,
      entropy: 0,
      top: [],
      ...(special ? { special } : {}),
    };
    steps.push(reader.push(token, bytes, ends).map(({ text, part }) => `${part}:${text}`));
  };
  pieces.forEach((piece, id) => {
    if (reader.stopText === undefined) take(id, piece, false);
  });
  if (end !== undefined) take(pieces.length, end, true, true);
  else if (reader.stopText === undefined) steps.push(reader.finish().map(({ text, part }) => `${part}:${text}`));
  return { steps, all: steps.flat(), text: reader.text, thought: reader.thought, stop: reader.stopText };
}

describe("a reply", () => {
  it("without marks comes out token by token", () => {
    const { steps, text } = read(["Hello", " there", "."]);
    expect(steps).toEqual([["answer:Hello"], ["answer: there"], ["answer:."], []]);
    expect(text).toBe("Hello there.");
  });

  it("keeps a character together that is split over tokens", () => {
    const bytes = Buffer.from("a🙂b");
    const { text } = read([bytes.subarray(0, 3), bytes.subarray(3, 4), bytes.subarray(4)]);
    expect(text).toBe("a🙂b");
  });

  it("ends with a mark that has no text", () => {
    const { all, text } = read(["Hi"], {}, "<|im_end|>");
    expect(all).toEqual(["answer:Hi", "mark:<|im_end|>"]);
    expect(text).toBe("Hi");
  });
});

describe("a thought", () => {
  it("in marks of one token is told apart", () => {
    const { all, text, thought } = read(
      ["<think>", "\n", "Well", "\n", "</think>", "\n\n", "Yes"],
      { marks: think },
      "<|im_end|>",
    );
    expect(all).toEqual([
      "mark:<think>",
      "thought:\n",
      "thought:Well",
      "thought:\n",
      "mark:</think>",
      "answer:\n\n",
      "answer:Yes",
      "mark:<|im_end|>",
    ]);
    expect([thought, text]).toEqual(["Well", "Yes"]);
  });

  it("in marks of several tokens too, which come out when they are sure", () => {
    const { steps, text, thought } = read(["\n", "<", "th", "ink", ">", "A", "</", "thi", "nk>B", "C"], {
      marks: think,
    });
    expect(steps.slice(0, 4)).toEqual([[], [], [], []]);
    expect(steps[4]).toEqual(["mark:\n", "mark:<", "mark:th", "mark:ink", "mark:>"]);
    expect(steps[8]).toEqual(["mark:</", "mark:thi", "mark:nk>B"]);
    expect([thought, text]).toEqual(["A", "BC"]);
  });

  it("that the template opened begins at once, and may never end", () => {
    const { all, thought, text } = read(["A", " B"], { marks: think, insideThought: true });
    expect(all).toEqual(["thought:A", "thought: B"]);
    expect([thought, text]).toEqual(["A B", ""]);
  });

  it("is not begun by something that only looks like it", () => {
    const { text, thought } = read(["<th", "e end>"], { marks: think });
    expect([thought, text]).toEqual(["", "<the end>"]);
    expect(read(["<think"], { marks: think }).text).toBe("<think");
  });

  it("does not stop at a stop string", () => {
    const { stop, text } = read(["<think>", "STOP", "</think>", "a", "STOP", "b"], { marks: think, stops: ["STOP"] });
    expect([stop, text]).toEqual(["STOP", "a"]);
  });
});

describe("a stop string", () => {
  it("inside a token cuts its text", () => {
    const { all, text, stop } = read(["one two three", "never"], { stops: ["two"] });
    expect([all, text, stop]).toEqual([["answer:one two three"], "one ", "two"]);
  });

  it("over several tokens is held back until it is sure", () => {
    const { steps, text, stop } = read(["a", "b\n", "\n", "Us", "er:", "x"], { stops: ["\n\nUser:"] });
    expect(steps).toEqual([["answer:a"], [], [], [], ["answer:b\n"]]);
    expect([text, stop]).toEqual(["ab", "\n\nUser:"]);
  });

  it("that does not come lets everything out", () => {
    const { steps, text } = read(["a", "<", "b"], { stops: ["<stop>"] });
    expect(steps).toEqual([["answer:a"], [], ["answer:<", "answer:b"], []]);
    expect(text).toBe("a<b");
    expect(read(["a<"], { stops: ["<stop>"] }).text).toBe("a<");
  });

  it("is the first of several", () => {
    expect(read(["xx yy zz"], { stops: ["zz", "yy"] })).toMatchObject({ text: "xx ", stop: "yy" });
  });

  it("of a character that tokens split is found", () => {
    const bytes = Buffer.from("a🙂b");
    expect(read([bytes.subarray(0, 2), bytes.subarray(2)], { stops: ["🙂"] })).toMatchObject({ text: "a", stop: "🙂" });
  });
});

describe("the marks of a template", () => {
  it("are those it names", () => {
    expect(marksOf("{% if enable_thinking %}<think></think>{% endif %}")).toEqual(think);
    expect(marksOf("[INST] {{ x }} [/INST]")).toBeUndefined();
    expect(marksOf("<|channel|>analysis<|message|>")?.open).toContain("analysis");
  });
});
