import { expect, it } from "vitest";
import { eventsOf, parseLines } from "../../../../src/agent/run/journalState";
import { promptOf, replayBrain } from "../../../../src/agent/run/replay";
import { ScriptedBrain } from "../../../fixtures/agent/scriptedBrain";
import { setUp } from "./setUp";

it("a recorded run is gone through again without its model", async () => {
  const brain = new ScriptedBrain([
    { name: "read_file", arguments: { path: "a.txt" } },
    { problem: "The call is not valid JSON." },
    "It says alpha.",
  ]);
  const first = await setUp(brain);
  await first.run();
  const lines = parseLines(first.journal.lines.get("r1") ?? []);
  const again = await setUp(replayBrain(lines));
  const events = await again.run();
  const course = (all: readonly { type: string }[]) => all.map(({ type }) => type);
  expect(course(events)).toEqual(course(eventsOf(lines)));
  expect(events.at(-1)).toMatchObject({ type: "answer", text: "It says alpha." });
  expect(promptOf(lines, 2)).toEqual(brain.asked[1]?.messages);
  expect(() => promptOf(lines, 9)).toThrow(/no step 9/);
  await first.space.remove();
  await again.space.remove();
});

it("a replay that asks for more than was recorded says so", async () => {
  const again = await setUp(replayBrain([]));
  expect((await again.run()).at(-1)).toMatchObject({ type: "error", error: { code: "brainFailure" } });
  await again.space.remove();
});
