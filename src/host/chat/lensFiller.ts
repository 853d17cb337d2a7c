import type { AnswerLens } from "../../contract/chatView";
import { errorData } from "../../contract/errors";
import type { ChatPorts } from "./ports";
import type { GrowingLens } from "./growingLens";
import { Throttle } from "./throttle";

/** The lens of a written answer, and what it lacks. */
export interface Unfilled {
  node: string;
  lens: GrowingLens;
  left: { id: string; cells: number } | undefined;
}

/** Milliseconds between two events: each holds the whole lens. */
const interval = 300;

/** Has the lenses of written answers completed in the background, one after the other, and tells of each as a whole. */
export class LensFiller {
  private readonly abort = new AbortController();
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly ports: Pick<ChatPorts, "engine" | "log">,
    private readonly tell: (lens: AnswerLens) => void,
  ) {}

  add(unfilled: Unfilled): void {
    this.tail = this.tail.then(() => this.fill(unfilled));
  }

  dispose(): void {
    this.abort.abort();
  }

  private async fill({ node, lens, left: rest }: Unfilled): Promise<void> {
    const { signal } = this.abort;
    if (signal.aborted) return;
    let left = rest?.cells ?? 0;
    const say = (more: { incomplete?: true } = {}): void =>
      this.tell({ node, tokens: [...lens.tokens], left, ...more });
    const throttle = new Throttle(
      () => say(),
      () => interval,
    );
    // The last tokens' cells may have come after the last picture of the running answer.
    throttle.request();
    if (!rest) return throttle.clear();
    try {
      await this.ports.engine.call(
        "lensRest",
        { id: rest.id },
        {
          signal,
          onProgress: ({ pieces, done, total }) => {
            lens.fill(pieces);
            left = total - done;
            throttle.request();
          },
        },
      );
    } catch (thrown) {
      const { code, message } = errorData(thrown);
      if (code !== "cancelled") this.ports.log.debug(`A lens stays incomplete: ${code}: ${message}`);
    } finally {
      throttle.clear();
      if (!signal.aborted) say(left > 0 ? { incomplete: true } : {});
    }
  }
}
