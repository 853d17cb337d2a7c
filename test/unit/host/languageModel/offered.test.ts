import { beforeEach, expect, test } from "vitest";
import { OfferedModel } from "../../../../src/host/languageModel/offered";
import { FakeEngine, modelInfo, token } from "../fakeEngine";
import { LanguageModelTextPart, LanguageModelToolCallPart, LanguageModelToolResultPart } from "../fakeVscode";

let engine: FakeEngine;
let enabled: boolean;
let offered: OfferedModel;
const none = { isCancellationRequested: false, onCancellationRequested: () => undefined } as never;

beforeEach(() => {
  engine = new FakeEngine();
  enabled = true;
  offered = new OfferedModel(engine, () => enabled);
});

async function answer(id: string, options: object = {}): Promise<string> {
  let text = "";
  const messages = [
    {
      role: 1,
      content: [new LanguageModelTextPart("Say "), new LanguageModelTextPart("hi")],
      name: undefined,
    },
    { role: 2, content: [new LanguageModelTextPart("hello")], name: undefined },
  ];
  const info = { id, name: "Small", maxOutputTokens: 10 } as never;
  const progress = { report: (part: unknown) => (text += (part as LanguageModelTextPart).value) };
  await offered.provideLanguageModelChatResponse(info, messages, options as never, progress, none);
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

const weather = {
  name: "weather",
  description: "The weather of a city.",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

async function ask(messages: unknown[], tools: unknown[]): Promise<unknown[]> {
  const parts: unknown[] = [];
  const info = { id: "f1", name: "Small", maxOutputTokens: 50 } as never;
  await offered.provideLanguageModelChatResponse(
    info,
    messages as never,
    { tools, toolMode: 1 } as never,
    { report: (part) => void parts.push(part) },
    none,
  );
  return parts;
}
const user = (...content: unknown[]) => ({ role: 1, content, name: undefined });

test("a call of an offered tool comes as a part of its own, apart from the words", async () => {
  const call = '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo"}}\n</tool_call>';
  engine.script = { tokens: [token(1, "I look. "), token(2, call)] };
  const parts = await ask([user(new LanguageModelTextPart("Weather in Oslo?"))], [weather]);
  expect(parts).toHaveLength(2);
  expect(parts[0]).toEqual(new LanguageModelTextPart("I look."));
  expect(parts[1]).toBeInstanceOf(LanguageModelToolCallPart);
  expect(parts[1]).toMatchObject({ name: "weather", input: { city: "Oslo" } });
  expect(engine.generated[0]?.form).toMatchObject({ kind: "gbnf" });
});

test("calls and results of earlier turns reach the model under the tool's name", async () => {
  engine.script = { tokens: [token(1, "Rain.")] };
  await ask(
    [
      user(new LanguageModelTextPart("Weather?")),
      { role: 2, content: [new LanguageModelToolCallPart("7", "weather", { city: "Oslo" })], name: undefined },
      user(new LanguageModelToolResultPart("7", [new LanguageModelTextPart("rain"), { mm: 3 }])),
    ],
    [weather],
  );
  const text = JSON.stringify(engine.generated[0]?.input);
  expect(text).toContain("weather");
  expect(text).toContain("rain");
  expect(text).toContain("mm");
});

test("an image, or ten thousand tools, is refused in a sentence", async () => {
  await expect(ask([user({ mimeType: "image/png", data: new Uint8Array(3) })], [])).rejects.toThrow("text only");
  const many = Array.from({ length: 10_000 }, (_, i) => ({ ...weather, name: `tool${i}` }));
  await expect(ask([user(new LanguageModelTextPart("hi"))], many)).rejects.toThrow("10000 tools");
  expect(engine.generated).toEqual([]);
});
