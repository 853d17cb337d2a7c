import { errorData } from "../../contract/errors";
import type { Conversation } from "../../contract/conversation";
import { chatInput } from "./answering";
import type { ChatPorts } from "./ports";
import { shownPath } from "./tree";

/** How much of the context the shown path takes, where a model is there to count it; the last count asked for wins. */
export class ContextMeter {
  used = 0;
  private measuring: AbortController | null = null;

  constructor(
    private readonly ports: ChatPorts,
    private readonly changed: () => void,
  ) {}

  /** `busy`: an answer is being written, which tells its own count. */
  measure(conversation: Conversation, busy: boolean): void {
    this.stop();
    const path = shownPath(conversation);
    if (path.length === 0) this.used = 0;
    const { engine, options, log } = this.ports;
    if (path.length === 0 || busy || !engine.model) return;
    const abort = new AbortController();
    this.measuring = abort;
    engine
      .call(
        "render",
        {
          input: chatInput(this.ports, conversation, conversation.leaf),
          ...(engine.model.thinks ? { think: options().think === "off" ? "off" : "auto" } : {}),
        },
        { signal: abort.signal },
      )
      .then(({ tokens }) => {
        if (abort.signal.aborted) return;
        this.used = tokens.length;
        this.changed();
      })
      .catch((thrown: unknown) => {
        if (!abort.signal.aborted) log.debug(`The context could not be measured: ${errorData(thrown).message}`);
      });
  }

  stop(): void {
    this.measuring?.abort();
    this.measuring = null;
  }
}
