import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sha256 } from "../../../../src/agent/tools/hash";
import { ToolWatch } from "../../../../src/host/tools/watch";
import { DiagnosticSeverity, fake, workspace } from "../fakeVscode";
import { silentLog } from "../silentLog";
import { area, openBench, type Bench } from "./bench";

let bench: Bench;
let watch: ToolWatch;
beforeEach(async () => {
  bench = await openBench();
  watch = new ToolWatch(bench.workshop, silentLog());
  await bench.write("area", area);
  await bench.workshop.refresh();
  await bench.workshop.approve("area", sha256(area));
});
afterEach(async () => {
  watch.dispose();
  await bench.dispose();
});

/** The editor saves a document: before it is written, then after. */
async function save(text: string, isDirty: boolean): Promise<void> {
  fake.willSave.fire({ document: bench.show("area", text, isDirty) });
  await bench.write("area", text);
  const told = new Promise<void>((resolve) => {
    const subscription = bench.workshop.onDidChange(() => (subscription.dispose(), resolve()));
  });
  fake.saved.fire(bench.show("area", text));
  await told;
}

const state = async () => (await bench.workshop.list())[0]?.state;
const edited = area.replaceAll("width * height", "height * width");

test("a person's own save is checked at once, keeps the approval, and the new text is what is offered", async () => {
  await save(edited, true);
  expect(await state()).toBe("approved");
  expect(bench.agent.registry.get("area")?.hash).toBe(sha256(edited));
});

test("what is wrong is shown at its line, and goes when it is mended", async () => {
  await save(area.replace("result: 20", "result: 21"), true);
  expect(await state()).toBe("broken");
  await vi.waitFor(() => expect(fake.diagnostics.get(bench.file("area"))).toHaveLength(1));
  const [found] = fake.diagnostics.get(bench.file("area")) ?? [];
  expect(found).toMatchObject({ severity: DiagnosticSeverity.Error, source: "Vitrine" });
  expect(found?.message).toContain("Example 1 fails");
  expect(area.split("\n")[found?.range.start.line ?? 0]).toContain("result: 20");
  await save(area, true);
  await vi.waitFor(() => expect(fake.diagnostics.get(bench.file("area"))).toEqual([]));
});

test("what was written past the editor is not approved by pressing save on it", async () => {
  await bench.write("area", edited);
  await save(edited, false);
  expect(await state()).toBe("changed");
  expect(bench.agent.registry.get("area")).toBeUndefined();
});

test("an edit on top of what was written past the editor approves neither", async () => {
  await bench.write("area", edited);
  await save(`${edited}// mine\n`, true);
  expect(await state()).toBe("changed");
  expect(bench.agent.registry.get("area")).toBeUndefined();
});

test("what was written past the editor while a person typed is not approved by their save", async () => {
  await bench.write("area", edited);
  await bench.workshop.refresh();
  await save(area.replace("rectangle", "plain rectangle"), true);
  expect(await state()).toBe("changed");
});

test("a change past the editor is read without a save, and takes the tool away from the agent", async () => {
  await bench.write("area", area.replace("result: 20", "result: 21"));
  fake.fileChanged.fire(undefined);
  await vi.waitFor(() => expect(fake.diagnostics.get(bench.file("area"))).toHaveLength(1), 5_000);
  expect(await state()).toBe("broken");
  expect(bench.agent.registry.get("area")).toBeUndefined();
});

test("in an untrusted workspace nothing is checked", async () => {
  workspace.isTrusted = false;
  const checked = vi.spyOn(bench.workshop, "saved");
  fake.willSave.fire({ document: bench.show("area", edited, true) });
  fake.saved.fire(bench.show("area", edited));
  // As many turns of the file system as finding the tool's file takes, and more.
  for (let turn = 0; turn < 10; turn++) await bench.read("area");
  expect(checked).not.toHaveBeenCalled();
  expect(fake.diagnostics.get(bench.file("area")) ?? []).toEqual([]);
});
