/** How much a model may think before it answers: not at all, as it likes, or so many tokens. */
export type ThinkBudget = "off" | "auto" | number;

/** What is put in the model's mouth so that it answers at once (the form of Qwen3 and of the specimen's template). */
export const emptyThought = "<think>\n\n</think>\n\n";

/** What opens a thought; the prefix for a budget that asks for thinking. */
export const openThought = "<think>\n";

/** What ends a thought when the budget is spent. */
export const closeThought = "\n</think>\n\n";

/** What makes a model think on when it would stop too early (s1, arXiv 2501.19393). */
export const goOn = "\nWait,";

/** The text a reply is made to begin with under a budget; empty when the model is left to choose. */
export function thinkPrefix(budget: ThinkBudget): string {
  if (budget === "auto") return "";
  return budget === "off" || budget <= 0 ? emptyThought : openThought;
}
