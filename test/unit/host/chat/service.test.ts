import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { emptyRunView } from "../../../../src/agent/run/runView";
import type { GoalParams } from "../../../../src/contract/agent";
import type { RunView } from "../../../../src/contract/agentView";
import type { ChatOptions, RunningAnswer } from "../../../../src/contract/chatView";
import type { Conversation, ConversationNode } from "../../../../src/contract/conversation";
import { fail, VitrineError } from "../../../../src/contract/errors";
import type { Intervention } from "../../../../src/contract/sites";
import { greedy } from "../../../../src/contract/verbs";
import type { RunListener } from "../../../../src/host/agent/service";
import { ChatService } from "../../../../src/host/chat/service";
import { shownPath, summaryOf } from "../../../../src/host/chat/tree";
import { FakeEngine, modelInfo, token } from "../fakeEngine";
import { silentLog } from "../silentLog";

const stored = new Map<string, Conversation>();
let engine: FakeEngine;
let chat: ChatService;
let options: ChatOptions;
let interventions: { names: string[]; list: Intervention[] };
let cannotAct: (() => never) | null;
let shown: string | undefined;
let ids = 0;
let agent: FakeAgent;

/** An agent whose run the test leads. */
class FakeAgent {
  goals: GoalParams[] = [];
  decided: unknown[] = [];
  steered: string[] = [];
  listener: RunListener | undefined;
  begun: RunView | undefined;
  finish: (view: RunView) => void = () => undefined;
  private alive = false;

  run(params: GoalParams, signal: AbortSignal, listener: RunListener): Promise<RunView> {
    this.goals.push(params);
    return this.until(signal, listener);
  }
  resume(before: RunView, signal: AbortSignal, listener: RunListener): Promise<RunView> {
    this.begun = before;
    return this.until(signal, listener);
  }
  steer(text: string): boolean {
    this.steered.push(text);
    return this.alive;
  }
  decide(...decision: unknown[]): void {
    this.decided.push(decision);
  }
  undo(before: RunView): Promise<RunView> {
    return Promise.resolve({ ...before, undone: true });
  }
  private until(signal: AbortSignal, listener: RunListener): Promise<RunView> {
    this.listener = listener;
    this.alive = true;
    return new Promise<RunView>((resolve) => {
      this.finish = (view) => {
        this.alive = false;
        resolve(view);
      };
      signal.addEventListener("abort", () =>
        this.finish({ ...emptyRunView("r"), state: "stopped", text: "Stopped by the user." }),
      );
    });
  }
}

function open(): ChatService {
  return new ChatService({
    engine,
    agent,
    store: {
      list: () => [...stored.values()].map(summaryOf),
      open: (id) => Promise.resolve(stored.get(id) ?? null),
      save: (conversation) => void stored.set(conversation.id, conversation),
      remove: (id) => Promise.resolve(void stored.delete(id)),
      flush: () => Promise.resolve(),
    },
    options: () => options,
    sampling: () => greedy,
    maxTokens: () => 100,
    alternatives: () => 5,
    place: (run, token, instrument) => Promise.resolve({ instrument, tokens: [token], title: run }),
    interventions: () => ({ names: interventions.names, meters: [] }),
    switched: () =>
      Promise.resolve().then(
        () => cannotAct?.() ?? { names: interventions.names, interventions: interventions.list, edits: [], meters: [] },
      ),
    trusted: () => true,
    newId: () => `id${++ids}`,
    now: () => new Date("2026-01-01T00:00:00Z"),
    lastShown: { get: () => shown, set: (id) => void (shown = id) },
    log: silentLog(),
  });
}

beforeEach(() => {
  stored.clear();
  shown = undefined;
  engine = new FakeEngine();
  agent = new FakeAgent();
  engine.script = { tokens: [token(1, "The "), token(2, "sea"), token(9, "", { part: "mark", special: true })] };
  options = { mode: "chat", confidence: false, liveLens: false, think: "auto", temperature: 0, system: "" };
  interventions = { names: [], list: [] };
  cannotAct = null;
  chat = open();
});
afterEach(() => chat.dispose());

/** A promise that the test opens when it likes. */
function gate(): { promise: Promise<void>; resolve: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: () => open() };
}

async function settled(): Promise<void> {
  await vi.waitFor(() => expect(chat.state().running).toBeNull());
}

function path(): ConversationNode[] {
  return shownPath(chat.state().conversation);
}

function last(): ConversationNode {
  const node = path().at(-1);
  if (!node) throw new Error("the conversation is empty");
  return node;
}

test("a question is kept before it is answered, and the answer with its tokens after", async () => {
  chat.send("What is blue?");
  expect([...stored.values()][0]?.nodes.map(({ text }) => text)).toEqual(["What is blue?"]);
  expect(chat.state().running?.parent).toBe(last().id);
  await settled();
  const answer = last();
  expect(answer).toMatchObject({ role: "assistant", text: "The sea", stop: "eos", seed: 5 });
  expect(answer.tokens?.map(({ id }) => id)).toEqual([1, 2, 9]);
  expect(answer.model).toEqual({ name: "Small", fingerprint: "f1" });
  expect(answer.altered).toBeUndefined();
  expect(stored.get(chat.state().conversation.id)?.nodes).toHaveLength(2);
  expect(chat.state().context).toEqual({ used: 10, size: 512 });
});

test("the model is given the whole path, the system prompt, and the session", async () => {
  options.system = "Be brief.";
  chat.send("one");
  await settled();
  chat.send("two");
  await settled();
  expect(engine.generated[1]?.input).toEqual({
    kind: "chat",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "one" },
      { role: "assistant", content: "The sea" },
      { role: "user", content: "two" },
    ],
  });
  expect(engine.generated[1]?.session).toBe(chat.state().conversation.id);
});

test("an empty question, and a second one while an answer is written, are refused", async () => {
  expect(() => chat.send("  \n")).toThrow(VitrineError);
  chat.send("one");
  expect(() => chat.send("two")).toThrow(expect.objectContaining({ code: "notAllowed" }));
  await settled();
  expect(path().map(({ text }) => text)).toEqual(["one", "The sea"]);
});

test("regenerating makes a sibling, editing a sibling question", async () => {
  chat.send("one");
  await settled();
  const [question, answer] = path();
  chat.regenerate(answer?.id ?? "");
  await settled();
  expect(last().parent).toBe(question?.id);
  expect(last().id).not.toBe(answer?.id);
  chat.edit(question?.id ?? "", "uno");
  await settled();
  expect(path().map(({ text }) => text)).toEqual(["uno", "The sea"]);
  expect(chat.state().conversation.nodes).toHaveLength(5);
  chat.select(answer?.id ?? "");
  expect(path().map(({ id }) => id)).toEqual([question?.id, answer?.id]);
});

test.each([false, true])(
  "a branch keeps the tokens before, takes the choice, and goes on (prefix left out: %s)",
  async (withoutPrefix) => {
    chat.send("one");
    await settled();
    const first = last();
    engine.script = { tokens: [token(3, " sky")], withoutPrefix };
    chat.branch(first.id, 1, 1002);
    expect(chat.state().running?.text).toBe("The SEA");
    await settled();
    expect(engine.generated[1]?.forks).toEqual([{ prefix: [1, 1002] }]);
    expect(engine.generated[1]?.input).toEqual(engine.generated[0]?.input);
    const branch = last();
    expect(branch.parent).toBe(first.parent);
    expect(branch.branch).toEqual({ node: first.id, token: 1 });
    expect(branch.tokens?.map(({ id }) => id)).toEqual([1, 1002, 3]);
    if (withoutPrefix) expect(branch.text).toBe("The SEA sky");
  },
);

test("a branch from a token that is not there, or to no alternative, is refused and changes nothing", async () => {
  chat.send("one");
  await settled();
  const before = chat.state().conversation;
  expect(() => chat.branch(last().id, 99, 1)).toThrow(VitrineError);
  expect(() => chat.branch(last().id, 1, 77)).toThrow(VitrineError);
  expect(() => chat.branch("nowhere", 0, 1)).toThrow(VitrineError);
  engine.model = modelInfo({ fingerprint: "f2" });
  expect(() => chat.branch(last().id, 1, 1002)).toThrow(expect.objectContaining({ code: "wrongModel" }));
  expect(chat.state().conversation).toEqual(before);
});

test("stopping keeps what was written; stopping before the first token keeps the question alone", async () => {
  const { promise, resolve } = gate();
  engine.script.before = (index) => (index === 1 ? promise : undefined);
  chat.send("one");
  await vi.waitFor(() => expect(chat.state().running?.tokens).toHaveLength(1));
  chat.stop();
  resolve();
  await settled();
  expect(last()).toMatchObject({ role: "assistant", text: "The ", stop: "cancelled" });
  expect(last().error).toBeUndefined();

  engine.script.before = () => chat.stop();
  chat.send("two");
  await settled();
  expect(last()).toMatchObject({ role: "user", text: "two" });
  engine.script.before = undefined;
  chat.regenerate(last().id);
  await settled();
  expect(last().text).toBe("The sea");
});

test("an engine that dies in the middle leaves its tokens with the error, and the next try is a sibling", async () => {
  engine.script.before = (index) => {
    if (index === 1) fail("engineDied", "The engine ended.");
  };
  chat.send("one");
  await settled();
  expect(last()).toMatchObject({ text: "The ", error: { code: "engineDied" } });
  const failed = last();
  engine.script.before = undefined;
  chat.regenerate(failed.id);
  await settled();
  expect(last()).toMatchObject({ text: "The sea", parent: failed.parent });
});

test("a model that does not load leaves the question and an answer that says why", async () => {
  engine.loadError = () => fail("tooLarge", "It needs 9 GB.", { remedy: "Choose a smaller one." });
  chat.send("one");
  await settled();
  expect(last()).toMatchObject({
    role: "assistant",
    text: "",
    error: { code: "tooLarge", remedy: "Choose a smaller one." },
  });
  engine.loadError = null;
  chat.send("two");
  await settled();
  expect(engine.generated[0]?.input).toMatchObject({ messages: [{ role: "user", content: "one\n\ntwo" }] });
});

test("interventions that are on are given to the engine and marked on the answer", async () => {
  const zero: Intervention = { site: "mlp_post", layer: 1, where: "all", operation: "zero", indices: [3] };
  interventions = { names: ["Neuron 1.3 silenced"], list: [zero] };
  chat.send("one");
  await settled();
  expect(engine.generated[0]?.interventions).toEqual([zero]);
  expect(last().altered).toBe(true);
  expect(last().alteredBy).toEqual(["Neuron 1.3 silenced"]);
  expect(chat.state().interventions).toEqual(["Neuron 1.3 silenced"]);
});

test("an intervention that cannot act ends the answer with its sentence, and nothing is generated", async () => {
  cannotAct = () => fail("fileMissing", "“Refusal” cannot act: Its file is missing.");
  chat.send("one");
  await settled();
  expect(engine.generated).toEqual([]);
  expect(last().error).toMatchObject({ code: "fileMissing" });
});

test("snapshots of the running answer are complete, and the last event is null", async () => {
  const seen: (RunningAnswer | null)[] = [];
  chat.onDidRun((running) => seen.push(running));
  engine.script.before = async (index) => {
    if (index > 0) await vi.waitFor(() => expect(seen.at(-1)?.tokens).toHaveLength(index));
  };
  chat.send("one");
  await settled();
  expect(seen.at(-1)).toBeNull();
  const texts = seen.flatMap((running) => (running ? [running.text] : []));
  expect(texts).toContain("The ");
  expect(texts.at(-1)).toBe("The sea");
});

test("an answer goes to its own conversation when another one is shown meanwhile", async () => {
  const { promise, resolve } = gate();
  engine.script.before = () => promise;
  chat.send("one");
  const first = chat.state().conversation.id;
  chat.newConversation();
  expect(chat.state().running).toBeNull();
  expect(chat.state().conversation.nodes).toEqual([]);
  resolve();
  await vi.waitFor(() => expect(stored.get(first)?.nodes).toHaveLength(2));
  expect(chat.state().conversation.nodes).toEqual([]);
  await chat.openConversation(first);
  expect(last().text).toBe("The sea");
});

test("a conversation comes back after a reload, at the place where it was", async () => {
  chat.send("one");
  await settled();
  await chat.close();
  const before = chat.state().conversation;
  chat.dispose();
  chat = open();
  await chat.restore();
  expect(chat.state().conversation).toEqual(before);
});

test("closing in the middle of an answer keeps what was written", async () => {
  const { promise, resolve } = gate();
  engine.script.before = (index) => (index === 1 ? promise : undefined);
  chat.send("one");
  await vi.waitFor(() => expect(chat.state().running?.tokens).toHaveLength(1));
  const closed = chat.close();
  resolve();
  await closed;
  expect([...stored.values()][0]?.nodes.at(-1)).toMatchObject({ text: "The ", stop: "cancelled" });
});

test("deleting the shown conversation shows an empty one; a title is cut and kept", async () => {
  chat.send("one");
  await settled();
  const { id } = chat.state().conversation;
  await chat.renameConversation(id, `  ${"t".repeat(500)}  `);
  expect(stored.get(id)?.title).toHaveLength(200);
  await chat.deleteConversation(id);
  expect(chat.state().conversation.nodes).toEqual([]);
  await expect(chat.openConversation(id)).rejects.toThrow(VitrineError);
});

test("ratings are kept and taken back, for answers only", async () => {
  chat.send("one");
  await settled();
  chat.rate(last().id, "up");
  expect(last().rating).toBe("up");
  chat.rate(last().id, null);
  expect(last().rating).toBeUndefined();
  expect(() => chat.rate(last().parent ?? "", "up")).toThrow(VitrineError);
});

test("the context of the shown path is counted when another path is shown or a model comes", async () => {
  chat.send("one");
  await settled();
  chat.select(last().parent ?? "");
  await vi.waitFor(() => expect(chat.state().context.used).toBe(42));
});

test("in agent mode a message is a goal, with the turns before it; the run is kept with its answer", async () => {
  chat.send("Name the sea");
  await settled();
  options = { ...options, mode: "agent", system: "Be kind." };
  chat.send("Count the files");
  await vi.waitFor(() => expect(agent.goals).toHaveLength(1));
  expect(agent.goals[0]).toMatchObject({ goal: "Count the files", mode: "agent", instructions: "Be kind." });
  expect(agent.goals[0]?.history?.map(({ content }) => content)).toEqual(["Name the sea", "The sea"]);
  agent.listener?.token(1, token(5, "Let"));
  agent.listener?.token(2, token(6, "Now"));
  agent.listener?.view({ ...emptyRunView("r"), goal: "Count the files" });
  expect(chat.state().running).toMatchObject({ text: "Now", run: { goal: "Count the files" } });
  const view: RunView = { ...emptyRunView("r"), state: "answered", text: "Three.", written: ["/w/a"] };
  agent.finish(view);
  await settled();
  expect(last()).toMatchObject({ role: "assistant", text: "Three.", run: view });
});

test("a run is steered, asked and taken back from the chat", async () => {
  expect(() => chat.steer("hello")).toThrow(VitrineError);
  options = { ...options, mode: "agent" };
  chat.send("Write a file");
  await vi.waitFor(() => expect(agent.goals).toHaveLength(1));
  chat.steer("in Markdown");
  chat.approve("q", "deny", "not there");
  expect(agent.steered).toContain("in Markdown");
  expect(agent.decided).toEqual([["q", "deny", "not there"]]);
  agent.finish({ ...emptyRunView("r"), state: "answered", text: "Done.", written: ["/w/a"] });
  await settled();
  await chat.undoRun(last().id);
  expect(last().run?.undone).toBe(true);
});

test("a run that was stopped can go on beside what it was", async () => {
  options = { ...options, mode: "agent" };
  chat.send("Dig");
  await vi.waitFor(() => expect(agent.goals).toHaveLength(1));
  chat.stop();
  await settled();
  const stopped = last();
  expect(stopped.run?.state).toBe("stopped");
  chat.resumeRun(stopped.id);
  await vi.waitFor(() => expect(agent.begun).toEqual(stopped.run));
  agent.finish({ ...emptyRunView("r"), state: "answered", text: "Found." });
  await settled();
  expect(last()).toMatchObject({ text: "Found.", parent: stopped.parent });
});

test("the answer of a run keeps its last reply's tokens, each with its place in the run; it is not branched from", async () => {
  options = { ...options, mode: "agent" };
  chat.send("Count the files");
  await vi.waitFor(() => expect(agent.goals).toHaveLength(1));
  agent.listener?.token(1, token(1, "Look"));
  agent.listener?.token(2, token(2, "Three"));
  agent.finish({ ...emptyRunView("r7"), state: "answered", text: "Three" });
  await vi.waitFor(() => expect(chat.answering).toBe(false));
  const answer = shownPath(chat.conversation).at(-1);
  expect(answer?.tokens?.map(({ text }) => text)).toEqual(["Three"]);
  expect(await chat.placeInRun(answer?.id ?? "", 0, "lens")).toEqual({ instrument: "lens", tokens: [0], title: "r7" });
  expect(() => chat.branch(answer?.id ?? "", 0, answer?.tokens?.[0]?.id ?? 0)).toThrow("not gone on from");
});

test("what was attached is part of what the model reads, in plain chat and as a goal, and stays with an edited question", async () => {
  const attached = { label: "notes.md", text: "The tide is low.", leftOut: 0 };
  chat.send("Sum up", [attached]);
  await vi.waitFor(() => expect(chat.answering).toBe(false));
  const question = shownPath(chat.conversation)[0];
  expect(question).toMatchObject({ text: "Sum up", attachments: [attached] });
  expect(JSON.stringify(engine.generated.at(-1)?.input)).toContain("Sum up\\n\\nnotes.md:\\nThe tide is low.");
  options = { ...options, mode: "agent" };
  chat.edit(question?.id ?? "", "Count the words");
  await vi.waitFor(() => expect(agent.goals).toHaveLength(1));
  expect(agent.goals[0]).toMatchObject({
    goal: "Count the words",
    attachments: [{ label: "notes.md", text: "The tide is low." }],
  });
  chat.stop();
  await vi.waitFor(() => expect(chat.answering).toBe(false));
});
