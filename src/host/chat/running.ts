import type { RunView } from "../../contract/agentView";
import type { RunningAnswer } from "../../contract/chatView";
import type { Alternative, GeneratedToken } from "../../contract/token";
import type { GenerateProgress } from "../../contract/verbs";
import { GrowingLens } from "./growingLens";

/** The exact text of tokens: pieces of one character are joined before they are decoded. */
export function textOf(tokens: readonly GeneratedToken[], part: GeneratedToken["part"]): string {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let text = "";
  for (const token of tokens) {
    if (token.part !== part) continue;
    const bytes = token.bytes ? Uint8Array.from(token.bytes) : encoder.encode(token.text);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/** The tokens that a branch begins with: those of the answer before `at`, then another choice there. */
export function branchTokens(tokens: readonly GeneratedToken[], at: number, choice: Alternative): GeneratedToken[] {
  const there = tokens[at];
  if (!there) throw new RangeError(`No token ${at} in an answer of ${tokens.length}.`);
  const { id, text, bytes, special, p } = choice;
  const part = special ? "mark" : there.part === "mark" ? "answer" : there.part;
  const chosen: GeneratedToken = {
    id,
    text,
    p,
    entropy: there.entropy,
    top: there.top,
    part,
    ...(bytes ? { bytes } : {}),
    ...(special ? { special } : {}),
  };
  return [...tokens.slice(0, at), chosen];
}

/** An answer while it is written. It gathers what the engine reports and gives complete snapshots. */
export class Running {
  readonly tokens: GeneratedToken[];
  readonly lens = new GrowingLens();
  private promptFraction = 0;
  private started: number | null = null;
  private generated = 0;
  private step = 0;
  /** The agent's run, where there is one. */
  run: RunView | undefined;
  /** Names of the interventions that act on it. */
  alteredBy: string[] = [];
  promptTokens = 0;

  constructor(
    readonly node: string,
    readonly parent: string,
    /** Tokens the answer is made to begin with. */
    readonly prefix: GeneratedToken[],
    private readonly clock: () => number,
  ) {
    this.tokens = [...prefix];
  }

  take(progress: GenerateProgress): void {
    if (progress.kind === "prompt") {
      this.promptTokens = progress.total;
      this.promptFraction = progress.total > 0 ? progress.done / progress.total : 1;
      return;
    }
    if (progress.kind === "lens") return this.lens.fill(progress.pieces);
    this.promptFraction = 1;
    this.started ??= this.clock();
    this.generated += 1;
    this.tokens.push(progress.token);
    if (progress.lens) this.lens.add(progress.index, progress.lens);
  }

  /** A piece of an agent's reply; each step's reply takes the place of the one before. */
  takeStep(step: number, token: GeneratedToken): void {
    if (step !== this.step) {
      this.step = step;
      this.tokens.length = 0;
      this.started = null;
      this.generated = 0;
    }
    this.promptFraction = 1;
    this.started ??= this.clock();
    this.generated += 1;
    this.tokens.push(token);
  }

  get text(): string {
    return textOf(this.tokens, "answer");
  }

  get thought(): string {
    return textOf(this.tokens, "thought");
  }

  snapshot(): RunningAnswer {
    return {
      node: this.node,
      parent: this.parent,
      phase: this.phase(),
      promptFraction: this.promptFraction,
      text: this.text,
      thought: this.thought,
      tokens: [...this.tokens],
      ...(this.lens.tokens.length > 0 ? { lens: [...this.lens.tokens] } : {}),
      ...(this.run ? { run: this.run } : {}),
      tokensPerSecond: this.rate(),
    };
  }

  /** The first token's time is the prompt's, so the rate counts from it. */
  private rate(): number {
    if (this.started === null || this.generated < 2) return 0;
    const seconds = (this.clock() - this.started) / 1000;
    return seconds > 0 ? (this.generated - 1) / seconds : 0;
  }

  private phase(): RunningAnswer["phase"] {
    const last = this.tokens.findLast((token) => token.part !== "mark");
    if (this.generated === 0 && this.prefix.length === 0) return "prompt";
    return last?.part === "thought" ? "thought" : "answer";
  }
}
