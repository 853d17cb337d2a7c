import { afterEach, beforeEach, expect, test } from "vitest";
import { exampleLine } from "../../../../src/agent/tools/forge/check";
import { ToolTests } from "../../../../src/host/tools/explorer";
import { fake, workspace } from "../fakeVscode";
import { silentLog } from "../silentLog";
import { area, openBench, type Bench } from "./bench";

let bench: Bench;
let tests: ToolTests;
beforeEach(async () => {
  bench = await openBench();
  await bench.write("area", area);
  tests = new ToolTests(bench.workshop, silentLog());
});
afterEach(async () => {
  tests.dispose();
  await bench.dispose();
});

async function filled() {
  await bench.workshop.refresh();
  await fake.tests?.resolveHandler?.();
  return fake.tests ?? Promise.reject(new Error("no controller"));
}
const token = { isCancellationRequested: false };

test("each example is a test at its line, and passes", async () => {
  const explorer = await filled();
  const item = explorer.items.get("area");
  expect([...[0, 1]].map((index) => item?.children.get(`area#${index}`)?.label)).toEqual([
    '{"width":4,"height":5}',
    '{"width":3,"height":3}',
  ]);
  const line = area.split("\n").findIndex((text) => text.includes("width: 3"));
  expect(item?.children.get("area#1")?.range?.start.line).toBe(line);
  await explorer.run?.({}, token);
  expect(explorer.told.filter(({ what }) => what !== "started").map(({ what, id }) => `${what} ${id}`)).toEqual([
    "passed area#0",
    "passed area#1",
    "passed area",
    "end ",
  ]);
});

test("an example that fails says what came instead, at its line", async () => {
  const wrong = area.replace("result: 9", "result: 10");
  await bench.write("area", wrong);
  const explorer = await filled();
  const child = explorer.items.get("area")?.children.get("area#1");
  await explorer.run?.({ include: [child] }, token);
  expect(explorer.told.map(({ what, id }) => `${what} ${id}`)).not.toContain("passed area#0");
  const failed = explorer.told.find(({ what }) => what === "failed");
  expect(failed).toMatchObject({ id: "area#1", messages: [{ expectedOutput: "10", actualOutput: "9" }] });
  expect(failed?.messages?.[0]?.location?.range.start.line).toBe(exampleLine(wrong, 1) - 1);
});

test("examples that notice nothing fail the tool, and a file that cannot be read says where", async () => {
  await bench.write(
    "area",
    area.replace("result: 20", "result: 9").replace("width: 4, height: 5", "width: 9, height: 1"),
  );
  let explorer = await filled();
  await explorer.run?.({}, token);
  expect(explorer.told.find(({ what }) => what === "failed")).toMatchObject({ id: "area" });
  await bench.write("area", "export const = 3;\n");
  explorer = await filled();
  explorer.told.length = 0;
  await explorer.run?.({}, token);
  expect(explorer.told.find(({ what }) => what === "failed")?.messages?.[0]?.location?.range.start.line).toBe(0);
});

test("nothing is listed of a workspace that is not trusted", async () => {
  const explorer = await filled();
  workspace.isTrusted = false;
  await explorer.resolveHandler?.();
  expect(explorer.items.size).toBe(0);
});
