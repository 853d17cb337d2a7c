import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { labs, type Lab } from "../../../../src/host/labs/catalogue";
import { labPlace } from "../../../../src/host/labs/links";
import { LabProgress } from "../../../../src/host/labs/progress";
import { runStep } from "../../../../src/host/labs/run";
import { requestCheck } from "../../../../src/host/views/messageChecks";
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
    setOptions: (options: unknown) => Promise.resolve(void did.push(options)),
    chat: {
      answering: false,
      newConversation: () => void did.push("new"),
      send: (text: string) => void did.push(text),
    },
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

const manifest = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "..", "..", "..", "..", "package.json"), "utf8"),
) as {
  contributes: { commands: { command: string }[]; views: Record<string, { id: string }[]> };
};
/** VS Code's own that the course uses; those of its views follow from their names. */
const foreign = ["workbench.action.openSettings"];
const known = new Set([
  ...foreign,
  ...manifest.contributes.commands.map(({ command }) => command),
  ...Object.values(manifest.contributes.views).flatMap((views) => views.map(({ id }) => `${id}.focus`)),
]);

test("the course has a lab for each of the mission's systems, each with another name and page", () => {
  expect(labs.length).toBe(26);
  expect(new Set(labs.map(({ id }) => id)).size).toBe(26);
  expect([labs[0]?.id, labs[19]?.id, labs[22]?.id]).toEqual(["tokens", "refusal", "logit-lens"]);
});

test.each(labs)("every command that a step of $id runs is the product's", ({ steps }) => {
  const named = steps.flatMap((step) => (step.kind === "command" ? [step.command] : []));
  expect(named.filter((command) => !known.has(command))).toEqual([]);
});

test.each(labs.flatMap(({ id, steps }) => steps.flatMap((step) => (step.kind === "open" ? [{ id, step }] : []))))(
  "a panel opened by $id asks for what a panel may be asked for",
  ({ step }) => {
    expect(requestCheck(step.request, "request")).toEqual(step.request);
  },
);

test("a question sets the chat's switches before it is sent, to what it says or to a plain chat's", async () => {
  const all = ports();
  await runStep(all as never, "depth", 1);
  expect(all.did).toEqual([{ mode: "chat", think: "auto", liveLens: true }, "new", "What is 47 + 38?"]);
  all.did.length = 0;
  await runStep(all as never, "agent", 1);
  expect(all.did).toEqual([{ mode: "agent", think: "off", liveLens: false }, "new", "List the files."]);
});

test("a question while an answer is written is refused, and no switch is moved", async () => {
  const all = ports();
  all.chat.answering = true;
  await expect(runStep(all as never, "tokens", 1)).rejects.toMatchObject({ code: "notAllowed" });
  expect(all.did).toEqual([]);
  expect(all.progress.of("tokens").ran).toEqual([]);
});

test("a file of the course is not written where no folder is trusted", async () => {
  await expect(runStep(ports() as never, "forging", 1)).rejects.toMatchObject({ code: "notAllowed" });
});

const numbers = JSON.parse(readFileSync(path.join(folder, "numbers.json"), "utf8")) as Record<string, string>;
const marksIn = (file: string): [string, string][] =>
  [...readFileSync(file, "utf8").matchAll(/<!--n ([\w.-]+)-->([\s\S]*?)<!--\/n-->/g)].map(
    ([, name = "", value = ""]) => [name, value],
  );

test.each(pages)("every number on a page is the one that was measured: $file", ({ lab, file }) => {
  for (const [name, value] of marksIn(file)) {
    expect(name.split(".")[0]).toBe(lab.id);
    expect({ [name]: value }).toEqual({ [name]: numbers[name] });
  }
});

test("both languages show the same numbers, and none was measured for nothing", () => {
  const shown = (language: string) =>
    labs.flatMap(({ id }) => marksIn(path.join(folder, language, `${id}.md`)).map(([name]) => name)).sort();
  expect(shown("zh-cn")).toEqual(shown(""));
  expect(Object.keys(numbers).sort()).toEqual([...new Set(shown(""))].sort());
});
