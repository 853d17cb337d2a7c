import type { JournalLine } from "../../contract/agent";
import type { Brain, BrainReply } from "../../contract/brain";
import type { ChatMessage } from "../../contract/chat";
import { fail } from "../../contract/errors";
import { eventsOf } from "./journalState";

/** The prompt that a step's reply was made from, out of the journal's message lines; for the microscope and for people. */
export function promptOf(lines: readonly JournalLine[], step: number): ChatMessage[] {
  const known = new Map(lines.flatMap((line) => (line.type === "message" ? [[line.hash, line.message] as const] : [])));
  const thought = eventsOf(lines).findLast((event) => event.type === "think" && event.step === step);
  if (thought?.type !== "think") fail("badArgument", `The run has no step ${step}.`);
  return thought.messages.map((hash) => known.get(hash) ?? fail("damagedFile", "The run's journal lacks a message."));
}

/** A brain that says again what a journal recorded, step by step: the same run without a model. */
export function replayBrain(lines: readonly JournalLine[], context = 1_000_000): Brain {
  const events = eventsOf(lines);
  const goal = events.find((event) => event.type === "goal");
  const replies = events.flatMap((event): BrainReply[] => {
    if (event.type !== "think") return [];
    const calls = events.flatMap((each) =>
      each.type === "call" && each.step === event.step ? [{ name: each.name, arguments: each.arguments }] : [],
    );
    const { text, thought, usage, problem } = event;
    return [{ text, thought, calls, stop: "eos", usage, ...(problem === undefined ? {} : { problem }) }];
  });
  let next = 0;
  return {
    name: goal?.type === "goal" ? goal.brain : "replay",
    local: false,
    context,
    count: (text) => Promise.resolve(Math.ceil(text.length / 4)),
    reply: () => {
      const reply = replies[next++];
      return reply ? Promise.resolve(reply) : fail("brainFailure", "The recorded run has no further reply.");
    },
  };
}
