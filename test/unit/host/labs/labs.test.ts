import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { labs, type Lab } from "../../../../src/host/labs/catalogue";
import { labPlace } from "../../../../src/host/labs/links";
import { LabProgress } from "../../../../src/host/labs/progress";
import { runStep } from "../../../../src/host/labs/run";
import { partsOf } from "../../../../webview-ui/labs/parts";

const folder = path.resolve(import.meta.dirname, "..", "..", "..", "..", "docs", "labs");
const pages = labs.flatMap((lab) => [
  { lab, file: path.join(folder, `${lab.id}.md`) },
  { lab, file: path.join(folder, "zh-cn", `${lab.id}.md`) },
]);

test.each(pages)("every step of a lab is on its page, and no other: $file", ({ lab, file }) => {
  const steps = partsOf(readFileSync(file, "utf8")).flatMap((part) => (part.kind === "step" ? [part.step] : []));
  expect(steps).toEqual(lab.steps.map((_, i) => i + 1));
});

test.each(pages)("every link of a page leads to its own lab: $file", ({ lab, file }) => {
  const links = [...readFileSync(file, "utf8").matchAll(/vscode:\/\/vitrine\.vitrine(\/[^)\s]*)/g)];
  expect(links.length).toBeGreaterThan(0);
  for (const [, place = ""] of links) expect(labPlace(place)?.id, place).toBe(lab.id);
});

test.each([
  "/labs/../x",
  "/labs/tokens/0",
  "/labs/tokens/100",
  "/labs/tokens/1/2",
  "/labs/Tokens",
  "/labs/",
  "/run/tokens",
  "/labs/tokens/1?command=x",
])("a link that names no lab and step leads nowhere: %s", (link) => {
  expect(labPlace(link)).toBeUndefined();
});

test("a page's marks of measured numbers are not shown; a line that is nearly a step stays text", () => {
  const page =
    "It is <!--n tokens.p-->0.98<!--/n-->.\n\n1. [Go](vscode://vitrine.vitrine/labs/x/1)\n2. [No](https://x.y)";
  expect(partsOf(page)).toEqual([
    { kind: "text", text: "It is 0.98." },
    { kind: "step", step: 1, label: "Go" },
    { kind: "text", text: "2. [No](https://x.y)" },
  ]);
});

class Memory {
  private readonly held = new Map<string, unknown>();
  keys = () => [...this.held.keys()];
  get = (key: string, otherwise?: unknown) => this.held.get(key) ?? otherwise;
  update = (key: string, value: unknown) => Promise.resolve(void this.held.set(key, value));
  setKeysForSync = () => undefined;
}

function ports() {
  const did: unknown[] = [];
  const progress = new LabProgress(new Memory() as never);
  return {
    did,
    progress,
    chat: { newConversation: () => void did.push("new"), send: (text: string) => void did.push(text) },
    panels: { open: (request: unknown) => void did.push(request) },
  };
}

test("steps do what they say, and the last of them makes the lab done", async () => {
  const lab = labs.find((each) => each.steps.length === 2 && each.steps.every(({ kind }) => kind === "open")) as Lab;
  const all = ports();
  await runStep(all as never, lab.id, 2);
  expect(all.did).toEqual([(lab.steps[1] as { request: object }).request]);
  expect(all.progress.of(lab.id)).toEqual({ ran: [2], done: false });
  await runStep(all as never, lab.id, 1);
  expect(all.progress.of(lab.id)).toEqual({ ran: [1, 2], done: true });
});

test.each([
  ["tokens", 9],
  ["no-such-lab", 1],
  [{ toString: (): string => "tokens" }, 1],
])("a step that is not there is refused and nothing is done: %s %s", async (id, step) => {
  const all = ports();
  await expect(runStep(all as never, id, step)).rejects.toMatchObject({ code: "badArgument" });
  expect(all.did).toEqual([]);
});
