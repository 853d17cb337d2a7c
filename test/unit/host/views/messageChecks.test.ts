import { expect, test } from "vitest";
import { VitrineError } from "../../../../src/contract/errors";
import { viewInstruments } from "../../../../src/contract/view";
import { chatChecks, commonChecks, requestCheck } from "../../../../src/host/views/messageChecks";
import { operatorChecks } from "../../../../src/host/views/operatorChecks";

test("every instrument that a view may ask has a check", () => {
  expect(viewInstruments.filter((name) => !(name in commonChecks))).toEqual([]);
});

test("sound parameters come through as they are", () => {
  const lens = { input: { kind: "prompt", text: "a" }, sites: ["resid_post"], top: 5, target: " b" };
  expect(commonChecks.lens(lens, "params")).toEqual(lens);
  const vectors = new Float32Array([1, 2]);
  expect(commonChecks.unembed({ vectors, count: 1, norm: true, top: 3 }, "params").vectors).toBe(vectors);
  expect(chatChecks.setOptions({ think: 12 }, "params")).toEqual({ think: 12 });
  expect(chatChecks.setOptions({ think: "off" }, "params")).toEqual({ think: "off" });
  expect(requestCheck({ instrument: "neuron", id: "3.120" }, "params")).toEqual({ instrument: "neuron", id: "3.120" });
});

test.each([
  [
    "interventions from a view",
    () => commonChecks.lens({ input: { kind: "prompt", text: "a" }, sites: [], top: 1, interventions: [] }, "p"),
  ],
  [
    "an unknown site",
    () => commonChecks.lens({ input: { kind: "prompt", text: "a" }, sites: ["weights"], top: 1 }, "p"),
  ],
  ["an unknown kind of input", () => commonChecks.render({ input: { kind: "file", path: "/etc/passwd" } }, "p")],
  ["half an input", () => commonChecks.render({ input: { kind: "tokens" } }, "p")],
  ["a negative token", () => commonChecks.render({ input: { kind: "tokens", ids: [-1] } }, "p")],
  ["a neuron that is a path", () => commonChecks.neuronValue({ id: "../../x", top: 1 }, "p")],
  [
    "numbers in place of an array of floats",
    () => commonChecks.unembed({ vectors: [1], count: 1, norm: true, top: 1 }, "p"),
  ],
  ["a rating of another kind", () => chatChecks.rate({ node: "a", rating: "sideways" }, "p")],
  ["thinking without end", () => chatChecks.setOptions({ think: Infinity }, "p")],
  ["a temperature of NaN", () => chatChecks.setOptions({ temperature: Number.NaN }, "p")],
  ["an option that is none", () => chatChecks.setOptions({ model: "/tmp/x.gguf" }, "p")],
  ["an instrument that is none", () => requestCheck({ instrument: "shell" }, "p")],
  ["an inherited kind", () => commonChecks.render({ input: { kind: "constructor" } }, "p")],
])("%s is refused", (_, act) => {
  expect(act).toThrow(VitrineError);
  expect(act).toThrow(expect.objectContaining({ code: "badArgument" }));
});

test("the browser's live view may send what a hand can do, and nothing else", () => {
  expect(operatorChecks.pointer({ x: 3.5, y: 0 }, "p")).toEqual({ x: 3.5, y: 0 });
  expect(operatorChecks.key({ key: "PageDown" }, "p")).toEqual({ key: "PageDown" });
  expect(() => operatorChecks.pointer({ x: -1, y: 0 }, "p")).toThrow(VitrineError);
  expect(() => operatorChecks.pointer({ x: Number.POSITIVE_INFINITY, y: 0 }, "p")).toThrow(VitrineError);
  expect(() => operatorChecks.key({ key: "F12" }, "p")).toThrow(VitrineError);
  expect(() => operatorChecks.key({ key: "Control+L" }, "p")).toThrow(VitrineError);
  expect(() => operatorChecks.typeText({ text: "a".repeat(10_001) }, "p")).toThrow(VitrineError);
  expect(() => operatorChecks.picture({ n: "../1" }, "p")).toThrow(VitrineError);
});
