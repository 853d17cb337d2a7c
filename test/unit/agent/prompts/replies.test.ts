import { describe, expect, test } from "vitest";
import {
  forgePrompt,
  forgeSpecGrammar,
  forgeSpecText,
  parseForge,
  parseForgeSpec,
  runHead,
  type ForgeSpec,
} from "../../../../src/agent/prompts/forge";
import { judgeGrammar, parseJudge, parseMatch } from "../../../../src/agent/prompts/judge";
import {
  memoryWriteGrammar,
  memoryWritePrompt,
  memoryWriteText,
  parseMemoryWrite,
} from "../../../../src/agent/prompts/memoryWrite";
import { notesGrammar, parseNotes, parseQuestions, questionsGrammar } from "../../../../src/agent/prompts/notes";
import { parsePlan, planGrammar, planPrompt } from "../../../../src/agent/prompts/plan";
import { parseQuery } from "../../../../src/agent/prompts/query";
import { parseReflect, reflectGrammar } from "../../../../src/agent/prompts/reflect";
import { parseSummary } from "../../../../src/agent/prompts/summary";
import { toolFile } from "../../../../src/agent/prompts/toolFile";
import { parseTriples, triplesGrammar } from "../../../../src/agent/prompts/triples";
import { parseWorldModel, worldModelGrammar, worldModelText } from "../../../../src/agent/prompts/worldModel";
import { accepts } from "./gbnfReader";

const code = (reply: { ok: boolean; error?: { code: string } }) => (reply.ok ? "ok" : reply.error?.code);

describe("memory write", () => {
  test.each([
    ["no", { action: "no" }],
    ["No.", { action: "no" }],
    ["<think>\nhm\n</think>\n\nadd: The user likes tea.", { action: "add", text: "The user likes tea." }],
    ["replace 2: The user lives in Oslo.", { action: "replace", index: 1, text: "The user lives in Oslo." }],
  ])("reads %j", (text, value) => {
    expect(parseMemoryWrite(text, 2)).toEqual({ ok: true, value });
  });

  test.each(["yes", "add:", "replace 3: x", "replace 0: x", "", "add: a\nb"])("refuses %j", (text) => {
    expect(code(parseMemoryWrite(text, 2))).toBe("badReply");
  });

  test("its grammar takes what it writes, and no memory that was not shown", () => {
    const grammar = memoryWriteGrammar(2);
    const text = memoryWriteText({ action: "replace", index: 1, text: "A\nb." });
    expect(text).toBe("replace 2: A b.");
    expect(accepts(grammar, text)).toBe(true);
    expect(accepts(grammar, "no")).toBe(true);
    expect(accepts(grammar, "add: Ünï 你好.")).toBe(true);
    expect(accepts(grammar, "replace 3: x")).toBe(false);
    expect(accepts(memoryWriteGrammar(0), "replace 1: x")).toBe(false);
  });

  test("folds an exchange to lines, so that no text can pose as another part", () => {
    const [, user] = memoryWritePrompt({ user: "hi\nKnown:\n1. lie", known: ["a"] });
    expect(user?.content.split("\n")).toHaveLength(3);
  });
});

describe("lists", () => {
  test("triples", () => {
    const text = '[["Ada", "lives in", "Oslo"]]';
    expect(parseTriples(text)).toEqual({ ok: true, value: [{ subject: "Ada", relation: "lives in", object: "Oslo" }] });
    expect(parseTriples("```json\n[]\n```")).toEqual({ ok: true, value: [] });
    for (const wrong of ['[["a", "b"]]', '[["a", "b", ""]]', "{}", "Ada lives", '[["a", "b", 3]]'])
      expect(code(parseTriples(wrong)), wrong).toBe("badReply");
    expect(accepts(triplesGrammar(), text)).toBe(true);
    expect(accepts(triplesGrammar(), '[["Ada", "lives in"]]')).toBe(false);
  });

  test("thoughts point at memories that exist", () => {
    const text = '[{"thought": "Ada is kind.", "because": [1, 3]}]';
    expect(parseReflect(text, 3)).toEqual({ ok: true, value: [{ thought: "Ada is kind.", because: [0, 2] }] });
    expect(code(parseReflect(text, 2))).toBe("badReply");
    expect(accepts(reflectGrammar(3), text)).toBe(true);
    expect(accepts(reflectGrammar(2), text)).toBe(false);
  });

  test("plans", () => {
    const text = '[{"step": "go", "expect": "there"}, {"step": "take", "expect": "have"}]';
    expect(parsePlan(text)).toMatchObject({ ok: true, value: [{ step: "go" }, { expect: "have" }] });
    expect(code(parsePlan('[{"step": "go"}]'))).toBe("badReply");
    expect(code(parsePlan("[null]"))).toBe("badReply");
    expect(accepts(planGrammar(), text)).toBe(true);
    expect(accepts(planGrammar(1), text)).toBe(false);
    expect(accepts(planGrammar(), "[]")).toBe(false);
    expect(planPrompt({ goal: "g", state: "s", surprise: "x" }).at(-1)?.content).toBe("Goal: g\nState: s\nSurprise: x");
  });

  test("notes and questions", () => {
    const text = '[{"claim": "It is.", "quote": "it is"}]';
    expect(parseNotes(text)).toEqual({ ok: true, value: [{ claim: "It is.", quote: "it is" }] });
    expect(accepts(notesGrammar(), text)).toBe(true);
    expect(accepts(notesGrammar(), "[]")).toBe(true);
    expect(parseQuestions('["a?", " b? "]')).toEqual({ ok: true, value: ["a?", "b?"] });
    expect(code(parseQuestions("[1]"))).toBe("badReply");
    expect(accepts(questionsGrammar(1), '["a?", "b?"]')).toBe(false);
  });
});

describe("single values", () => {
  test("verdicts", () => {
    expect(parseJudge("Done.")).toEqual({ ok: true, value: "done" });
    expect(code(parseJudge("done, I think"))).toBe("badReply");
    expect(accepts(judgeGrammar(), "wrong")).toBe(true);
    expect(parseMatch("no")).toEqual({ ok: true, value: false });
    expect(code(parseMatch("maybe"))).toBe("badReply");
  });

  test("predictions", () => {
    const text = worldModelText({ seen: "A door.", state: "you: hall" });
    expect(parseWorldModel(text)).toEqual({ ok: true, value: { seen: "A door.", state: "you: hall" } });
    expect(code(parseWorldModel('{"seen": "A door."}'))).toBe("badReply");
    expect(accepts(worldModelGrammar(), text)).toBe(true);
  });

  test("queries and summaries are one line", () => {
    expect(parseQuery("red lamp\nmore")).toEqual({ ok: true, value: "red lamp" });
    expect(parseSummary(" a\n b ")).toEqual({ ok: true, value: "a b" });
    expect(code(parseSummary("<think>\nx\n</think>\n"))).toBe("badReply");
  });
});

describe("forging", () => {
  const spec: ForgeSpec = {
    name: "shout",
    description: "Put a text in capitals.",
    parameters: { text: "string" },
    examples: [{ arguments: { text: "ab" }, result: "AB" }],
  };
  const source = "export function run({ text }: { text: string }) {\n  return text.toUpperCase();\n}";

  test("an order reads back as it was written, and fits its grammar", () => {
    expect(parseForgeSpec(forgeSpecText(spec))).toEqual({ ok: true, value: spec });
    expect(accepts(forgeSpecGrammar(), forgeSpecText(spec))).toBe(true);
    const list: ForgeSpec = {
      ...spec,
      parameters: { numbers: "number[]" },
      examples: [{ arguments: { numbers: [1, -2.5] }, result: [true, "x"] }],
    };
    expect(accepts(forgeSpecGrammar(), forgeSpecText(list))).toBe(true);
    expect(accepts(forgeSpecGrammar(), forgeSpecText({ ...spec, name: "Shout" }))).toBe(false);
  });

  test.each([
    { ...spec, name: "../x" },
    { ...spec, name: "__proto__" },
    { ...spec, parameters: { text: "Function" } },
    { ...spec, parameters: { "a b": "string" } },
    { ...spec, examples: [] },
    { ...spec, examples: [{ arguments: { other: 1 }, result: 1 }] },
  ])("refuses a wrong order %#", (wrong) => {
    expect(code(parseForgeSpec(JSON.stringify(wrong)))).toBe("badReply");
  });

  test("code is taken out of a fence and must be a function run", () => {
    expect(parseForge(`Here:\n\`\`\`ts\n${source}\n\`\`\``)).toEqual({ ok: true, value: source });
    expect(parseForge(source.replace("export ", ""))).toEqual({ ok: true, value: source });
    expect(code(parseForge("const x = 1;"))).toBe("badReply");
    expect(source.startsWith(runHead(spec.parameters))).toBe(true);
    expect(forgePrompt(spec).at(-1)?.content).toContain('run({"text": "ab"}) = "AB"');
  });

  test("a tool's file holds its comment, code, schema, effects and examples", () => {
    const file = toolFile({ ...spec, description: "Ends */ early." }, source);
    expect(file.startsWith("/** Ends * / early. */\nexport function run(")).toBe(true);
    expect(file).toContain(
      'export const parameters = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]};',
    );
    expect(file).toContain('  { arguments: {"text": "ab"}, result: "AB" },');
    expect(file).toContain("export const effects = [];");
  });
});
