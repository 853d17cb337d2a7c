import { afterEach, beforeEach, expect, test } from "vitest";
import * as vscode from "vscode";
import { sha256 } from "../../../../src/agent/tools/hash";
import * as actions from "../../../../src/host/tools/actions";
import { ApprovedTexts, compare } from "../../../../src/host/tools/compare";
import { merge, trim } from "../../../../src/host/tools/tidy";
import { fake } from "../fakeVscode";
import { area, openBench, type Bench } from "./bench";

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.dispose());

async function approved(name: string, text: string): Promise<void> {
  await bench.write(name, text);
  await bench.workshop.refresh();
  await bench.workshop.approve(name, sha256(text));
}
const names = async () => (await bench.workshop.refresh()).map(({ name }) => name);

test("a changed tool is shown against the text that was approved, before it is approved again", async () => {
  await approved("area", area);
  const uri = vscode.Uri.file(bench.file("area"));
  expect(await compare(bench.workshop, "area", uri)).toBe(false);
  const changed = area.replace("width * height", "height * width");
  await bench.write("area", changed);
  bench.show("area", changed);
  fake.answer = "Approve";
  await actions.approve(bench.workshop, { uri }, true);
  const [diff, left, right] = fake.executed.find(([id]) => id === "vscode.diff") ?? [];
  expect([diff, String(left), right]).toEqual(["vscode.diff", "vitrine-approved:/area.ts", uri]);
  expect(await bench.workshop.get("area")).toMatchObject({ state: "approved", hash: sha256(changed) });
});

test("the approved text is kept as it was, and is gone with the approval", async () => {
  await approved("area", area);
  await bench.write("area", "something else");
  const texts = new ApprovedTexts(bench.workshop);
  expect(await texts.provideTextDocumentContent(vscode.Uri.parse("vitrine-approved:/area.ts"))).toBe(area);
  expect(await texts.provideTextDocumentContent(vscode.Uri.parse("vitrine-approved:/../area.ts"))).toBe("");
  await bench.workshop.reject("area");
  expect(await bench.workshop.approvedText("area")).toBeUndefined();
  texts.dispose();
});

test("tools that do the same are merged when a person picks them", async () => {
  await approved("area", area);
  await approved("surface", area.replace("width: 3, height: 3 }, result: 9", "width: 2, height: 3 }, result: 6"));
  await merge(bench.workshop);
  expect(await names()).toEqual(["area", "surface"]);
  fake.picks = [0];
  await merge(bench.workshop);
  expect(await names()).toEqual(["area"]);
  const [kept] = await bench.workshop.list();
  expect(kept).toMatchObject({ state: "approved" });
  expect(kept?.report.examples).toHaveLength(3);
});

test("unused tools are deleted when a person picks them and says yes", async () => {
  await approved("area", area);
  fake.picks = [0];
  await trim(bench.workshop);
  expect(await names()).toEqual(["area"]);
  fake.answer = "Delete Files";
  await trim(bench.workshop);
  expect(await names()).toEqual([]);
  await trim(bench.workshop);
  expect(fake.shown.at(-1)?.message).toContain("Every tool was used");
});
