import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { greedy } from "../../src/contract/verbs";
import type { GenerateParams, Input, Think } from "../../src/contract/verbs";
import { generate } from "../../src/engine/run/generate";
import { openModel, quiet } from "./open";
import type { Opened } from "./open";

// A template that knows thinking, over the small model: what it says matters little here, where it says it does.
const chatml =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}";
const knowing = `${chatml}{% if not enable_thinking %}<think>\n\n</think>\n\n{% endif %}`;
const opening = `${chatml}{{ '<think>\\n' }}`;
const named = `${chatml}{# thoughts stand in <think> and </think> #}`;

let opened: Opened;
beforeAll(async () => {
  opened = await openModel();
});
afterAll(() => opened.close());

const input: Input = { kind: "chat", messages: [{ role: "user", content: "Where is it?" }] };
// It may neither end nor write the marks itself.
const endless = { ...greedy, logitBias: [0, 1, 2, 3, 4].map((id) => ({ id, bias: -Infinity })) };

function render(template: string, think: Think, more: object = {}): string {
  opened.session.model.chatTemplate = template;
  const { text } = opened.engine.render({ input: { ...input, ...more } as Input, think: think as "off" | "auto" });
  return text.slice(text.indexOf("assistant\n") + "assistant\n".length);
}

function answer(template: string, params: Partial<GenerateParams>) {
  opened.session.model.chatTemplate = template;
  opened.session.plain().cache.forgetAll();
  return generate(opened.session, { input, sampling: endless, max: 16, ...params }, quiet());
}

describe("thinking", () => {
  it("off writes the empty thought once, whoever writes it", () => {
    const empty = "<think>\n\n</think>\n\n";
    expect(render(knowing, "off")).toBe(empty);
    expect(render(named, "off")).toBe(empty);
    expect(render(opening, "off")).toBe(empty);
    expect(render(chatml, "off")).toBe("");
  });

  it("left to the model writes what the template writes", () => {
    expect(render(knowing, "auto")).toBe("");
    expect(render(opening, "auto")).toBe("<think>\n");
  });

  it("is over where the reply's beginning is given", () => {
    expect(render(opening, "auto", { prefill: "It is" })).toMatch(/<\/think>\n\nIt is$/);
    expect(render(knowing, "off", { prefill: "It is" })).toBe("<think>\n\n</think>\n\nIt is");
  });

  it("is told apart from the answer, from the mark on or from the start", async () => {
    const [open] = opened.session.model.vocabulary.encode("<think>", { special: true, frame: false });
    const marked = await answer(named, { forks: [{ prefix: [open!] }] });
    expect(marked.forks[0]!.tokens.every(({ part }) => part === "thought")).toBe(true);
    expect(marked.forks[0]).toMatchObject({ text: "" });
    expect(marked.forks[0]!.thought.length).toBeGreaterThan(0);
    const started = await answer(opening, {});
    expect(started.forks[0]!.tokens.every(({ part }) => part === "thought")).toBe(true);
    const plain = await answer(chatml, {});
    expect(plain.forks[0]!.tokens.every(({ part }) => part === "answer")).toBe(true);
  });

  it.each([1, 3, 6])("ends after a budget of %i tokens", async (think) => {
    const { forks } = await answer(opening, { think, max: 24 });
    const parts = forks[0]!.tokens.map(({ part }) => part);
    const mark = parts.indexOf("mark");
    // The line break before the mark is the thought's last token.
    expect(mark).toBe(think + 1);
    expect(parts.slice(0, mark).every((part) => part === "thought")).toBe(true);
    expect(parts.slice(mark + 1).every((part) => part === "answer")).toBe(true);
    expect(forks[0]!.text.length).toBeGreaterThan(0);
    expect(forks[0]!.text).not.toMatch(/^\s|think/);
  });

  it("goes on with Wait when it would end before its budget, as often as asked", async () => {
    const { vocabulary } = opened.session.model;
    // The model wants to end at once, every time.
    const eager = { ...greedy, logitBias: [{ id: vocabulary.eos, bias: 1e6 }] };
    const bare = await answer(opening, { think: 40, max: 60, sampling: eager });
    expect(bare.forks[0]!.thought).not.toContain("Wait,");
    const longer = await answer(opening, { think: 40, max: 60, sampling: eager, extend: 2 });
    expect(longer.forks[0]!.thought.match(/Wait,/g)).toHaveLength(2);
  });

  it("ends once the answer is settled, and not before it is", async () => {
    const always = await answer(opening, { max: 24, settle: { nats: 1e9, every: 3 } });
    const never = await answer(opening, { max: 24, settle: { nats: 0, every: 3 } });
    const parts = always.forks[0]!.tokens.map(({ part }) => part);
    // Twice in a row: after 3 and after 6 tokens.
    expect(parts.indexOf("mark")).toBeGreaterThanOrEqual(6);
    expect(parts.indexOf("mark")).toBeLessThanOrEqual(8);
    expect(never.forks[0]!.tokens.every(({ part }) => part === "thought")).toBe(true);
    // Looking does not change what is thought.
    const thoughts = [always, never].map(({ forks }) => forks[0]!.tokens.slice(0, 5).map(({ id }) => id));
    expect(thoughts[0]).toEqual(thoughts[1]);
  });

  it("is not bound by the form of the answer", async () => {
    const form = { kind: "gbnf" as const, grammar: 'root ::= "yes" | "no"' };
    const { forks } = await answer(opening, {
      think: 4,
      max: 24,
      form,
      sampling: { ...greedy, logitBias: endless.logitBias.slice(3) },
    });
    expect(["yes", "no"]).toContain(forks[0]!.text);
  });
});
