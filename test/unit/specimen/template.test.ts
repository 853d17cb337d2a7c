import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
import { describe, expect, test } from "vitest";
import type { ChatMessage, ToolSpec } from "../../../src/contract/chat";
import { systemPrompt, systemText } from "../../../src/agent/prompts/system";
import { Draw } from "../../../specimen/corpus/draw";
import { sampleFrom } from "../../../specimen/corpus/mixture";
import { promptText, renderSample } from "../../../specimen/corpus/render";
import type { Sample } from "../../../specimen/corpus/sample";

const template = new Template(readFileSync("specimen/train/template.jinja", "utf8"));

/** A message as OpenAI's interface and so chat templates have it. */
function plain(message: ChatMessage, last: boolean): Record<string, unknown> {
  const thought = last && message.thought !== undefined ? `<think>\n${message.thought}\n</think>\n\n` : "";
  return {
    role: message.role,
    content: thought + message.content,
    ...(message.toolCalls
      ? { tool_calls: message.toolCalls.map((call) => ({ type: "function", function: call })) }
      : {}),
  };
}

function tool(spec: ToolSpec) {
  return {
    type: "function",
    function: { name: spec.name, description: spec.description, parameters: spec.parameters },
  };
}

function render(sample: Sample, prompt: boolean): string {
  const chat = (sample.chat ?? []).slice(0, prompt ? -1 : undefined);
  return template.render({
    messages: chat.map((message, i) => plain(message, i === chat.length - 1)),
    ...(sample.tools ? { tools: sample.tools.map(tool) } : {}),
    add_generation_prompt: prompt,
    ...(sample.noThink ? { enable_thinking: false } : {}),
  });
}

describe("the specimen's chat template", () => {
  const draw = new Draw(4, "train");
  const samples = Array.from({ length: 400 }, () => sampleFrom(draw)).filter((sample) => sample.chat);

  test("prints prompts as the corpus does", () => {
    for (const sample of samples) expect(render(sample, true)).toBe(promptText(sample));
  });

  test("prints whole conversations as the corpus does, where nothing was put in the model's mouth", () => {
    for (const sample of samples.filter((one) => !one.noThink)) {
      expect(render(sample, false)).toBe(
        renderSample(sample)
          .map(([text]) => text)
          .join(""),
      );
    }
  });

  test("prints tools as the system prompt that holds them does", () => {
    const sample = samples.find((one) => one.tools && one.chat?.[0]?.role === "system");
    const parts = { mode: "agent" as const, memories: ["The user likes tea."] };
    const messages = [
      { role: "system", content: systemText(parts) },
      { role: "user", content: "Go." },
    ];
    const byTemplate = template.render({ messages, tools: sample?.tools?.map(tool), add_generation_prompt: true });
    const whole = systemPrompt({ ...parts, tools: sample?.tools ?? [] });
    const byText = template.render({
      messages: [{ role: "system", content: whole }, messages[1]],
      add_generation_prompt: true,
    });
    expect(byTemplate).toBe(byText);
    expect(byText).toContain("<tools>");
  });

  test("drops the thoughts of earlier turns", () => {
    const messages = [
      { role: "user", content: "2+2" },
      { role: "assistant", content: "<think>\nfour\n</think>\n\n4" },
      { role: "user", content: "Thanks" },
    ];
    const text = template.render({ messages, add_generation_prompt: true });
    expect(text).not.toContain("four");
    expect(text).toContain("<|im_start|>assistant\n4<|im_end|>");
  });
});
