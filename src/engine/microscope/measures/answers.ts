import { greedy, type Input } from "../../../contract/verbs";
import { hasCollapsed } from "../../run/collapse";
import type { Lab } from "../lab";
import { checkpoint } from "../probe";
import type { Alteration } from "./passes";

export interface Answer {
  text: string;
  /** Mean entropy of its tokens' distributions, nats. */
  entropy: number;
  collapsed: boolean;
}

export interface AnswerOptions extends Alteration {
  max: number;
  think?: "off" | "auto";
  signal: AbortSignal;
  onAnswer?: () => void;
}

/** Greedy answers, one prompt after another: each is a conversation of its own. */
export async function answersTo(lab: Lab, inputs: readonly Input[], options: AnswerOptions): Promise<Answer[]> {
  const out: Answer[] = [];
  for (const input of inputs) {
    checkpoint(options.signal);
    const { forks } = await lab.generate(
      {
        input,
        sampling: greedy,
        max: options.max,
        top: 0,
        ...(options.think ? { think: options.think } : {}),
        ...(options.interventions?.length ? { interventions: options.interventions } : {}),
        ...(options.edits?.length ? { edits: options.edits } : {}),
      },
      options.signal,
    );
    const { text, tokens } = forks[0]!;
    const entropy = tokens.reduce((sum, token) => sum + token.entropy, 0) / Math.max(1, tokens.length);
    out.push({
      text,
      entropy,
      collapsed: hasCollapsed(
        tokens.map(({ id }) => id),
        entropy,
        lab.info.vocabulary,
      ),
    });
    options.onAnswer?.();
  }
  return out;
}
