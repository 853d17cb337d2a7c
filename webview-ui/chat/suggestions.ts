import type { ModelInfo } from "../../src/contract/model";
import { locale } from "../kit/locale";

const general = {
  en: [
    "Explain why the sky is blue in three sentences.",
    "Write a function that reverses a string, with a test.",
    "What are the trade-offs of quantising a model?",
  ],
  zh: ["用三句话解释天空为什么是蓝色的。", "写一个反转字符串的函数，并附上测试。", "量化模型有哪些取舍？"],
};

/** The specimen knows a small world, adds numbers and reads what it is given: nothing else is offered. */
const specimen = [
  "What is the capital of France?",
  "What is 48 + 27?",
  "Which language is spoken in Brazil?",
  "Write a short plan for making tea.",
];

/** First questions that suit the model: its own card's where it has one (`vitrine.suggestions`, a JSON list). */
export function suggestionsFor(model: ModelInfo | null): string[] {
  const own = ownSuggestions(model?.metadata["vitrine.suggestions"]);
  if (own.length > 0) return own;
  if (model && isSpecimen(model)) return specimen;
  return general[locale.toLowerCase().startsWith("zh") ? "zh" : "en"];
}

export function isSpecimen(model: ModelInfo): boolean {
  return Object.keys(model.metadata).some((key) => key.startsWith("vitrine.")) || /specimen/i.test(model.name);
}

function ownSuggestions(stored: string | undefined): string[] {
  if (stored === undefined) return [];
  try {
    const list: unknown = JSON.parse(stored);
    return Array.isArray(list) ? list.filter((each): each is string => typeof each === "string").slice(0, 4) : [];
  } catch {
    // A card of another form is no list of questions; the ones for its kind stand in.
    return [];
  }
}
