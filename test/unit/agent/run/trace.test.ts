import { appendFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { listRuns, runFile, TraceFile } from "../../../../src/agent/node/traceFiles";
import { parseLines } from "../../../../src/agent/run/journalState";
import { promptOf } from "../../../../src/agent/run/replay";
import { readLine, rowOf } from "../../../../src/agent/run/trace";
import { ScriptedBrain } from "../../../fixtures/agent/scriptedBrain";
import { setUp } from "../loop/setUp";

async function folderWith(run: string, text: string): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "vitrine-runs-"));
  const file = path.join(folder, `${run}.jsonl`);
  await writeFile(file, text);
  return { folder, file };
}

async function realRun(): Promise<string[]> {
  const brain = new ScriptedBrain([{ name: "read_file", arguments: { path: "a.txt" } }, "It says alpha."]);
  const { run, journal } = await setUp(brain);
  await run({ goal: "What does a.txt say?" });
  return journal.lines.get("r1") ?? [];
}

test("a run's file gives a row for each event, in order, and its head says how it ended", async () => {
  const lines = await realRun();
  const { file } = await folderWith("r1", `${lines.join("\n")}\n`);
  const trace = new TraceFile("r1", file);
  await trace.update();
  expect(trace.rows.map(({ type }) => type)).toEqual([
    "goal",
    "tools",
    "think",
    "call",
    "approval",
    "approval",
    "result",
    "tools",
    "think",
    "answer",
  ]);
  expect(trace.head).toMatchObject({ goal: "What does a.txt say?", mode: "agent", state: "answered" });
  expect(trace.rows[3]).toMatchObject({ name: "read_file", brief: "path: a.txt", step: 1 });
  expect(trace.damaged).toEqual([]);
});

test("a reply's entry holds the prompt and the tools exactly as the brain was given them", async () => {
  const lines = await realRun();
  const { file } = await folderWith("r1", `${lines.join("\n")}\n`);
  const trace = new TraceFile("r1", file);
  await trace.update();
  const entry = await trace.entry(trace.lastReply() ?? -1);
  expect(entry.messages).toEqual(promptOf(parseLines(lines), 2));
  expect(entry.tools?.map(({ name }) => name)).toContain("read_file");
  expect(entry.tools?.every(({ parameters }) => parameters.type === "object")).toBe(true);
  expect(entry.lacks).toBeUndefined();
});

test("an entry says when the file does not hold its prompt", async () => {
  const lines = (await realRun()).filter((line) => !line.includes('"type":"message"'));
  const { file } = await folderWith("r1", `${lines.join("\n")}\n`);
  const trace = new TraceFile("r1", file);
  await trace.update();
  expect((await trace.entry(trace.lastReply() ?? -1)).lacks).toBe("messages");
});

test("damaged lines are named by their number and the rest is read", async () => {
  const lines = await realRun();
  const broken = [lines[0], "{", '"text"', ...lines.slice(1), "\u0000\u0000"].join("\n");
  const { file } = await folderWith("r1", `${broken}\n`);
  const trace = new TraceFile("r1", file);
  await trace.update();
  expect(trace.damaged).toEqual([2, 3, lines.length + 3]);
  expect(trace.rows.at(-1)?.type).toBe("answer");
});

test("a growing file is read on from where it was, and a line that is not ended yet is waited for", async () => {
  const lines = await realRun();
  const { file } = await folderWith("r1", `${lines[0]}\n${lines[1]?.slice(0, 20)}`);
  const trace = new TraceFile("r1", file);
  await trace.update();
  expect([trace.rows.length, trace.head.state, trace.damaged]).toEqual([1, "open", []]);
  await appendFile(file, `${lines[1]?.slice(20)}\n${lines.slice(2).join("\n")}\n`);
  expect(await trace.update()).toBe(true);
  expect(trace.head.state).toBe("answered");
  expect(await trace.update()).toBe(false);
});

test("rows of hostile or unknown lines are one line of clean text", () => {
  const row = (line: unknown) => rowOf(readLine(JSON.stringify(line)) ?? {}, 0);
  expect(row({ type: "dream", at: 7, colour: "blue" })).toMatchObject({
    type: "dream",
    at: "",
    step: null,
    brief: '{"colour":"blue"}',
  });
  const brief =
    row({ type: "result", step: 1, ok: false, text: `\u001b[31mred\n\n${"x".repeat(100_000)}` })?.brief ?? "";
  expect(brief.startsWith("red x")).toBe(true);
  expect(brief.length).toBeLessThanOrEqual(240);
  expect(row({ type: "think", usage: { promptTokens: "many", ms: -1 }, tokens: 3 })).toMatchObject({
    usage: { prompt: 0, reused: 0, tokens: 0 },
  });
  expect(readLine("[1]")).toBeUndefined();
  expect(readLine('{"type":5}')).toBeUndefined();
});

test("the list reads the ends of each file, and a damaged one is in it as such", async () => {
  const lines = await realRun();
  const { folder } = await folderWith("r1", `${lines.join("\n")}\n`);
  await writeFile(path.join(folder, "r2.jsonl"), "no json\n");
  await writeFile(path.join(folder, "r3.jsonl"), `${lines[0]}\n`);
  await writeFile(path.join(folder, "bad name.jsonl"), "");
  const found = await listRuns(folder);
  expect(Object.fromEntries(found.map(({ run, state }) => [run, state]))).toEqual({
    r1: "answered",
    r2: "damaged",
    r3: "open",
  });
  expect(await listRuns(path.join(folder, "none"))).toEqual([]);
});

test("a run is named by a name, never by a path", () => {
  expect(() => runFile("/w/runs", "../../etc/passwd")).toThrow("no name of a run");
});
