import type { Brain } from "../../contract/brain";
import type { ChatMessage } from "../../contract/chat";
import { errorData } from "../../contract/errors";
import type { Reply } from "../prompts/reply";

/** The brain as a research asks it: small questions in a form, tried again when the form or the wire fails. */
export class Asker {
  /** Tokens since it was last taken. */
  private promptTokens = 0;
  private tokens = 0;

  constructor(private readonly brain: Brain) {}

  get name(): string {
    return this.brain.name;
  }

  /** Characters of a page that fit beside a question: a reply takes a quarter of the context, the prompt's words some. */
  get pageRoom(): number {
    return Math.min(8_000, Math.max(600, Math.floor((this.brain.context * 0.75 - 160) * 3)));
  }

  /** The parsed reply; undefined where the brain twice gave none of that form. Fails as the brain does. */
  async ask<T>(
    messages: ChatMessage[],
    parse: (text: string) => Reply<T>,
    signal: AbortSignal,
    options: { grammar?: string; max?: number } = {},
  ): Promise<T | undefined> {
    const { grammar, max = Math.max(64, Math.min(1_024, Math.floor(this.brain.context / 4))) } = options;
    for (let tries = 0; tries < 3; tries++) {
      try {
        const reply = await this.brain.reply(
          {
            messages,
            calls: "none",
            think: "off",
            max,
            ...(grammar === undefined ? {} : { form: { kind: "gbnf", grammar } }),
          },
          { signal },
        );
        this.promptTokens += reply.usage.promptTokens;
        this.tokens += reply.usage.tokens;
        const parsed = parse(reply.text);
        if (parsed.ok) return parsed.value;
        if (tries >= 1) return undefined;
      } catch (error) {
        const { code } = errorData(error);
        const passing = ["network", "timeout", "brainFailure", "engineDied"].includes(code);
        if (signal.aborted || !passing || tries >= 2) throw error;
      }
    }
    return undefined;
  }

  /** What was spent since the last call. */
  takeSpent(): { promptTokens: number; tokens: number } {
    const { promptTokens, tokens } = this;
    this.promptTokens = 0;
    this.tokens = 0;
    return { promptTokens, tokens };
  }
}
