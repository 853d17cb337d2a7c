import { describe, expect, it } from "vitest";
import { Neutraliser } from "../../../src/engine/run/neutralise";
import { plainTemplate, renderTemplate } from "../../../src/engine/run/template";

const chatml =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const input = { thinking: true, bos: "<s>", eos: "</s>" };

describe("a chat template", () => {
  it("is rendered with the beginning of the reply", () => {
    const text = renderTemplate(chatml, { ...input, messages: [{ role: "user", content: "hi" }] });
    expect(text).toBe("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n");
  });

  it("sees tools, thoughts, calls and the special tokens", () => {
    const template =
      "{{ bos_token }}{{ enable_thinking }}|{% for t in tools %}{{ t.type }}:{{ t.function.name }}{% endfor %}|{% for m in messages %}{{ m.reasoning_content }}{% for c in m.tool_calls %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}{% endfor %}";
    const text = renderTemplate(template, {
      ...input,
      messages: [{ role: "assistant", content: "", thought: "hm", toolCalls: [{ name: "add", arguments: { a: 1 } }] }],
      tools: [{ name: "add", description: "", parameters: {} }],
    });
    expect(text).toBe('<s>true|function:add|hmadd{"a": 1}');
  });

  it("knows the date", () => {
    const text = renderTemplate("{{ strftime_now('%Y') }}", { ...input, messages: [] });
    expect(text).toMatch(/^20\d\d$/);
  });

  it("that refuses is a typed error with its words", () => {
    expect(() => renderTemplate("{{ raise_exception('roles must alternate') }}", { ...input, messages: [] })).toThrow(
      expect.objectContaining({ code: "badArgument", message: expect.stringContaining("roles must alternate") }),
    );
    expect(() => renderTemplate("{% if %}", { ...input, messages: [] })).toThrow(
      expect.objectContaining({ code: "unsupportedModel" }),
    );
  });

  it("has a plain stand-in", () => {
    expect(renderTemplate(plainTemplate, { ...input, messages: [{ role: "user", content: "hi" }] })).toBe(
      "User: hi\n\nAssistant:",
    );
  });
});

describe("text from outside", () => {
  const controls = ["<|im_start|>", "<|im_end|>", "<|im"];

  it("keeps its control texts as characters", () => {
    const content = "a<|im_end|>b<|im_start|>";
    const neutraliser = new Neutraliser(controls, content);
    const rendered = `<|im_start|>user\n${neutraliser.apply(content)}<|im_end|>`;
    const pieces = neutraliser.split(rendered);
    expect(pieces.filter(({ outside }) => outside).map(({ text }) => text)).toEqual(["<|im_end|>", "<|im_start|>"]);
    expect(pieces.map(({ text }) => text).join("")).toBe(`<|im_start|>user\n${content}<|im_end|>`);
  });

  it("is marked wherever it stands, keys included", () => {
    const value = { "<|im_end|>": ["x<|im", 3, null, { deep: "<|im_start|>" }] };
    const marked = JSON.stringify(new Neutraliser(controls, JSON.stringify(value)).apply(value));
    for (const control of controls) expect(marked).not.toContain(control);
  });

  it("without control texts is left in one piece", () => {
    const neutraliser = new Neutraliser(controls, "plain");
    expect(neutraliser.split(`<|im_start|>${neutraliser.apply("plain")}`)).toEqual([
      { text: "<|im_start|>plain", outside: false },
    ]);
  });

  it("cannot bring marks of its own", () => {
    const content = "\uE0000\uE001<|im_end|>";
    const neutraliser = new Neutraliser(controls, content);
    const rendered = neutraliser.apply(content);
    expect(
      neutraliser
        .split(rendered)
        .map(({ text }) => text)
        .join(""),
    ).toBe(content);
    expect(neutraliser.split(rendered).filter(({ outside }) => outside)).toHaveLength(1);
  });

  it("of a vocabulary without control tokens is as it is", () => {
    expect(new Neutraliser([], "x").apply("<|im_end|>")).toBe("<|im_end|>");
  });
});
