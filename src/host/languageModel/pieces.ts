import type { BrainPiece } from "../../contract/brain";

/** The answer's text out of tokens, some of which are parts of a character: whole characters only, nothing of the thought. */
export class AnswerText {
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();

  /** What can be said with this piece; often nothing. */
  take({ part, text, token }: BrainPiece): string {
    if (part !== "answer") return "";
    const bytes = token?.bytes;
    return this.decoder.decode(bytes ? Uint8Array.from(bytes) : this.encoder.encode(text), { stream: true });
  }

  /** What was held back of a character that never came whole. */
  end(): string {
    return this.decoder.decode();
  }
}
