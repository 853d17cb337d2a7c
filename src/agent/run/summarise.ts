import type { Brain, BrainUsage } from "../../contract/brain";
import { VitrineError } from "../../contract/errors";
import { parseSummary, summaryPrompt } from "../prompts/summary";
import { cutText } from "../tools/output";
import type { Turn } from "./context";

/** Steps in a few sentences of the brain's; where it cannot, a list of what was done. Never fails but by being cancelled. */
export async function summarise(
  brain: Brain,
  turns: readonly Turn[],
  limit: number,
  signal: AbortSignal,
): Promise<{ text: string; usage?: BrainUsage }> {
  const room = Math.max(60, Math.floor((limit * 2) / turns.length));
  const messages = summaryPrompt(
    turns.map((turn) => ({ role: "assistant", content: turnLine(turn, room) })),
    3,
  );
  try {
    const { text, usage } = await brain.reply({ messages, calls: "none", max: 200, think: "off" }, { signal });
    const parsed = parseSummary(text);
    return { text: parsed.ok ? parsed.value.slice(0, 2_000) : listed(turns), usage };
  } catch (error) {
    if (signal.aborted || !(error instanceof VitrineError)) throw error;
    return { text: listed(turns) };
  }
}

function listed(turns: readonly Turn[]): string {
  return cutText(turns.map((turn) => turnLine(turn, 120)).join(" "), 1_200).text;
}

function turnLine({ said, calls, results }: Turn, limit: number): string {
  const did = calls.map(({ name, arguments: args }, i) => {
    const came = cutText(results[i]?.text ?? "nothing", limit).text;
    return `${name}(${cutText(JSON.stringify(args), 80).text}) gave ${came}`;
  });
  return [cutText(said, limit).text, ...did].filter(Boolean).join("; ");
}
