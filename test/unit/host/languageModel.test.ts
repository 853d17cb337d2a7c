import { beforeEach, expect, test } from "vitest";
import { OfferedModel } from "../../../src/host/languageModel";
import { FakeEngine, modelInfo, token } from "./fakeEngine";
import { LanguageModelTextPart } from "./fakeVscode";

let engine: FakeEngine;
let enabled: boolean;
let offered: OfferedModel;
const none = { isCancellationRequested: false, onCancellationRequested: () => undefined } as never;

beforeEach(() => {
  engine = new FakeEngine();
  enabled = true;
  offered = new OfferedModel(engine, () => enabled);
});

async function answer(id: string): Promise<string> {
  let text = "";
  const messages = [
    {
      role: 1,
      content: [new LanguageModelTextPart("Say "), { image: true }, new LanguageModelTextPart("hi")],
      name: undefined,
    },
    { role: 2, content: [new LanguageModelTextPart("hello")], name: undefined },
  ];
  const info = { id, name: "Small", maxOutputTokens: 10 } as never;
  const progress = { report: (part: unknown) => (text += (part as LanguageModelTextPart).value) };
  await offered.provideLanguageModelChatResponse(info, messages, {} as never, progress, none);
  return text;
}

test("the loaded model is offered, with a part of the context kept for its answer", async () => {
  const [info] = await offered.provideLanguageModelChatInformation({ silent: true });
  expect(info).toMatchObject({ id: "f1", name: "Small", family: "llama", version: "F16" });
  expect((info?.maxInputTokens ?? 0) + (info?.maxOutputTokens ?? 0)).toBe(512);
});

test("no model, or a person's no, is no offer", async () => {
  enabled = false;
  expect(await offered.provideLanguageModelChatInformation({ silent: false })).toEqual([]);
  enabled = true;
  engine.model = null;
  expect(await offered.provideLanguageModelChatInformation({ silent: true })).toEqual([]);
});

test("the answer streams as text: no marks, no thoughts, whole characters, no interventions", async () => {
  engine.script = {
    tokens: [
      token(1, "hm", { part: "thought" }),
      token(2, "</think>", { part: "mark" }),
      token(3, "\ufffd", { bytes: [0xe2, 0x82] }),
      token(4, "\ufffd", { bytes: [0xac] }),
      token(5, " 5"),
    ],
  };
  expect(await answer("f1")).toBe("€ 5");
  expect(engine.generated[0]).toMatchObject({
    input: {
      kind: "chat",
      messages: [
        { role: "user", content: "Say hi" },
        { role: "assistant", content: "hello" },
      ],
    },
    max: 10,
  });
  expect(engine.generated[0]).not.toHaveProperty("interventions");
});

test("a model that is no longer loaded does not answer as another", async () => {
  engine.model = modelInfo({ fingerprint: "f2" });
  await expect(answer("f1")).rejects.toThrow("Small is no longer loaded.");
});

test("others are told when the offer changes, and only then", () => {
  let told = 0;
  offered.onDidChangeLanguageModelChatInformation(() => (told += 1));
  engine.change();
  engine.change();
  expect(told).toBe(1);
  enabled = false;
  offered.refresh();
  expect(told).toBe(2);
});
