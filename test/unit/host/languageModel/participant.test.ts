import { beforeEach, expect, test } from "vitest";
import { answer } from "../../../../src/host/languageModel/participant";
import { FakeEngine, token } from "../fakeEngine";

let engine: FakeEngine;
let said: string[];
const none = { isCancellationRequested: false, onCancellationRequested: () => undefined } as never;
const response = {
  markdown: (text: string) => void said.push(text),
  button: () => undefined,
  progress: () => undefined,
} as never;

beforeEach(() => {
  engine = new FakeEngine();
  said = [];
});

function ask(prompt: string, history: unknown[] = []) {
  return answer(engine as never, { prompt, references: [] }, { history } as never, response, none);
}

test("a question in the editor's own chat is answered in whole characters, without the thought", async () => {
  engine.script = {
    tokens: [
      token(1, "hm", { part: "thought" }),
      token(2, "\ufffd", { bytes: [0xe2, 0x82] }),
      token(3, "\ufffd", { bytes: [0xac] }),
      token(4, " 5"),
    ],
  };
  expect(await ask("How much?")).toEqual({});
  expect(said.join("")).toBe("€ 5");
  expect(engine.generated[0]).not.toHaveProperty("interventions");
});

test("earlier turns come along as words", async () => {
  engine.script = { tokens: [token(1, "Oslo.")] };
  await ask("And Norway?", [{ prompt: "France?" }, { response: [{ value: { value: "Paris." } }, { value: {} }] }]);
  expect(engine.generated[0]?.input).toMatchObject({
    messages: [
      { role: "user", content: "France?" },
      { role: "assistant", content: "Paris." },
      { role: "user", content: "And Norway?" },
    ],
  });
});

test("a model that cannot be loaded, or says nothing, ends in a sentence", async () => {
  await ask("Hello?");
  expect(said.join("")).toContain("answered nothing");
  engine.model = null;
  expect(await ask("Hello?")).toMatchObject({ errorDetails: { message: expect.stringContaining("No model") } });
});
