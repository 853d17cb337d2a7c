import type { Brain, BrainReply, BrainRequest } from "../../src/contract/brain";
import type { ToolCall } from "../../src/contract/chat";
import type { Step, Task } from "./pages";

/** A brain that does a task's steps, finding each element in what it was shown last, and others where it is surprised. */
export class TaskBrain implements Brain {
  readonly name = "scripted";
  readonly local = false;
  readonly context = 16_384;
  private readonly left: Step[];
  plans = 0;
  /** Steps that were asked for. */
  asked = 0;

  constructor(
    private readonly task: Task,
    url: string,
  ) {
    this.left = [{ tool: "browser_open", args: { url } }, ...task.steps];
  }

  count(text: string): Promise<number> {
    return Promise.resolve(Math.ceil(text.length / 4));
  }

  reply(request: BrainRequest): Promise<BrainReply> {
    const usage = { promptTokens: 1, reusedTokens: 0, tokens: 1, ms: 1 };
    const base: BrainReply = { text: "", thought: "", calls: [], stop: "eos", usage };
    if (request.messages[0]?.content.startsWith("Plan the steps")) {
      this.plans++;
      // The new plan: what is in the way first, then what was left.
      this.left.unshift(...(this.task.onSurprise ?? []));
      const steps = this.left.map(({ tool, on }) => ({ step: `${tool} ${on ?? ""}`.trim(), expect: "it is done" }));
      const text = JSON.stringify(steps.length > 0 ? steps : [{ step: "answer", expect: "the goal is reached" }]);
      return Promise.resolve({ ...base, text });
    }
    const step = this.left.shift();
    if (!step) return Promise.resolve({ ...base, text: "Done." });
    this.asked++;
    const seen = request.messages.findLast(({ role }) => role === "tool")?.content ?? "";
    return Promise.resolve({ ...base, calls: [callOf(step, seen)] });
  }
}

function callOf({ tool, on, args = {} }: Step, seen: string): ToolCall {
  if (on === undefined) return { name: tool, arguments: args };
  const at = seen.indexOf(`- ${on}`);
  const ref =
    at < 0
      ? undefined
      : /\[ref=((?:f\d+)?e\d+)\]/.exec(
          seen.slice(at, seen.indexOf("\n", at) < 0 ? undefined : seen.indexOf("\n", at)),
        )?.[1];
  return { name: tool, arguments: { ref: ref ?? "e0", ...args } };
}
