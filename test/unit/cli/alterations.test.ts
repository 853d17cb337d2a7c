import path from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/command";
import { parseFact } from "../../../src/cli/commands/edit";
import { parseEdit, parseSteer } from "../../../src/cli/interventions";

const here = (name: string) => path.resolve(name);

describe("--steer", () => {
  it.each([
    ["a.gguf", { file: here("a.gguf"), mode: "add" }],
    ["a.gguf:-0.5", { file: here("a.gguf"), mode: "add", strength: -0.5 }],
    ["a.gguf:2:3,4", { file: here("a.gguf"), mode: "add", strength: 2, layers: [3, 4] }],
    ["a.gguf:zero", { file: here("a.gguf"), mode: "zero" }],
    ["a.gguf:mean:2", { file: here("a.gguf"), mode: "mean", layers: [2] }],
    ["/x/b:c.gguf:1", { file: here("/x/b:c.gguf"), mode: "add", strength: 1 }],
  ])("reads %s", (text, use) => expect(parseSteer(text)).toEqual(use));

  it.each(["a.txt", "a.gguf:", "a.gguf:x", "a.gguf:1:2:3"])("refuses %s", (text) => {
    expect(() => parseSteer(text)).toThrow(UsageError);
  });

  it("refuses a layer that is no number", () => expect(() => parseSteer("a.gguf:1:x")).toThrow("no layer"));
});

describe("--edit", () => {
  it("reads a file and a scale", () => {
    expect(parseEdit("e.gguf")).toEqual({ file: here("e.gguf") });
    expect(parseEdit("e.gguf:0.5")).toEqual({ file: here("e.gguf"), scale: 0.5 });
  });
  it.each(["e", "e.gguf:a", "e.gguf:1:2"])("refuses %s", (text) => expect(() => parseEdit(text)).toThrow(UsageError));
});

describe("a facts file", () => {
  const fact = { prompt: "p s", subject: "s", from: "a", to: "b" };
  it("fills what may be left out", () => {
    expect(parseFact(fact, "line 1")).toEqual({ ...fact, paraphrases: [], neighbours: [] });
    expect(parseFact({ ...fact, chat: true }, "line 1").chat).toBe(true);
  });
  it.each([[7], [{ ...fact, to: 4 }], [{ ...fact, paraphrases: "x" }], [{ ...fact, neighbours: [{ prompt: "x" }] }]])(
    "refuses %j",
    (value) => {
      expect(() => parseFact(value, "line 1")).toThrow("line 1");
    },
  );
});
