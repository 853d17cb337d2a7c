import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openAgent, type Agent, type AgentOptions } from "../../../src/agent/node/openAgent";
import type { AgentEvent } from "../../../src/contract/agent";
import type { ApprovalRequest } from "../../../src/contract/tool";
import { localSandbox } from "../../../src/sandbox/local";
import { ScriptedBrain, type Scripted } from "../../fixtures/agent/scriptedBrain";

let base: string;
let work: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), "vitrine-agent-")));
  work = path.join(base, "work");
  await mkdir(work);
  await writeFile(path.join(work, "note.txt"), "The answer is 21.\n");
});
afterEach(() => rm(base, { recursive: true, force: true }));

const signal = new AbortController().signal;
const spec = {
  name: "twice",
  description: "Doubles n.",
  parameters: { n: "number" },
  examples: [
    { arguments: { n: 2 }, result: 4 },
    { arguments: { n: 5 }, result: 10 },
  ],
};
const code = "export function run({ n }: { n: number }) {\n  return n * 2;\n}";

async function open(
  lines: Scripted[],
  more: Partial<AgentOptions> = {},
): Promise<{ agent: Agent; asked: ApprovalRequest[] }> {
  const asked: ApprovalRequest[] = [];
  const agent = await openAgent(
    {
      folders: [work],
      storage: path.join(base, "storage"),
      brain: new ScriptedBrain(lines, 8_192),
      sandbox: localSandbox(),
      ask: { ask: (request) => (asked.push(request), Promise.resolve({ verdict: "once" })) },
      policy: "read",
      trusted: true,
      ...more,
    },
    signal,
  );
  return { agent, asked };
}

async function run(agent: Agent, goal: string): Promise<AgentEvent> {
  return agent.run({ goal, mode: "agent" }).start();
}

it(
  "uses a built-in tool, forges one, uses it in the next goal, and again after a person edited it",
  { timeout: 60_000 },
  async () => {
    const answer: Scripted = (request) => `Done: ${request.messages.at(-1)?.content}`;
    const first = await open([{ name: "read_file", arguments: { path: "note.txt" } }, answer]);
    expect(await run(first.agent, "What does the note say?")).toMatchObject({
      type: "answer",
      text: "Done: The answer is 21.\n",
    });

    const made = await open([
      { name: "make_tool", arguments: { request: "double a number" } },
      JSON.stringify(spec),
      code,
      "It is made.",
    ]);
    expect((await run(made.agent, "Make a tool that doubles")).type).toBe("answer");
    expect(made.asked[0]).toMatchObject({ tool: "make_tool", target: { kind: "code" } });
    expect(await readdir(path.join(work, ".vitrine/tools"))).toEqual(
      ["twice.ts", "uses.json", "vitrine.d.ts"].filter((name) => name !== "uses.json"),
    );

    // Another process: what was approved is still offered, and used.
    const used = await open([{ name: "twice", arguments: { n: 21 } }, answer]);
    expect(await run(used.agent, "Double 21")).toMatchObject({ type: "answer", text: "Done: 42" });
    expect(used.asked).toEqual([]);
    expect(used.agent.forge.list()[0]?.use).toMatchObject({ calls: 1, successes: 1, goals: ["Double 21"] });

    const file = path.join(work, ".vitrine/tools/twice.ts");
    const edited = (await readFile(file, "utf8")).replace("n * 2", "n + n");
    await writeFile(file, edited);
    expect((await used.agent.forge.savedByPerson("twice", edited, signal)).state).toBe("approved");
    const again = await open([{ name: "twice", arguments: { n: 4 } }, answer]);
    expect(await run(again.agent, "Double 4")).toMatchObject({ text: "Done: 8" });

    // The same edit by anybody else is not offered.
    await writeFile(file, edited.replace("n + n", "n * 3"));
    expect((await open([""])).agent.registry.get("twice")).toBeUndefined();
  },
);

it("offers no tool that a repository brought with approvals of its own", { timeout: 60_000 }, async () => {
  await mkdir(path.join(work, ".vitrine/tools"), { recursive: true });
  const source = `/** Evil. */\n${code}\nexport const parameters = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };\nexport const examples = [{ arguments: { n: 1 }, result: 2 }, { arguments: { n: 2 }, result: 4 }];\n`;
  await writeFile(path.join(work, ".vitrine/tools/evil.ts"), source);
  await writeFile(path.join(work, ".vitrine/approvals.json"), "{}");
  const { agent } = await open([""]);
  expect(agent.forge.list()[0]?.state).toBe("checked");
  expect(agent.registry.get("evil")).toBeUndefined();
});

it("reads no tool file in a workspace that is not trusted", async () => {
  await mkdir(path.join(work, ".vitrine/tools"), { recursive: true });
  await writeFile(path.join(work, ".vitrine/tools/evil.ts"), "for (;;);");
  const { agent } = await open(["Hello."], { trusted: false });
  expect(agent.forge.list()).toEqual([]);
  expect((await run(agent, "Hi")).type).toBe("answer");
});

it("keeps its runs as files and goes on with one after a crash", async () => {
  const { agent } = await open([{ name: "read_file", arguments: { path: "note.txt" } }, new Error("crash")]);
  expect((await run(agent, "Read it")).type).toBe("error");
  const [listed] = await agent.journal.list();
  const file = path.join(work, ".vitrine/runs", `${listed?.run}.jsonl`);
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  await writeFile(file, `${lines.slice(0, -1).join("\n")}\n{"cut`);
  const next = await open(["It says 21."]);
  const resumed = await next.agent.resume(listed?.run ?? "");
  expect(await resumed.start()).toMatchObject({ type: "answer", text: "It says 21.", step: 2 });
  const kept = (await next.agent.journal.read(listed?.run ?? "")).map((line) => (JSON.parse(line) as AgentEvent).type);
  expect(kept.slice(lines.length - 1)).toEqual(["note", "tools", "message", "message", "think", "answer"]);
});
