import { describe, expect, it } from "vitest";
import type { CallView, RunView } from "../../src/contract/agentView";
import type { ThemeName } from "./themes";
import { chatState, conversation, node, running } from "./fixtures";
import { viewTests } from "./viewTests";

const tests = viewTests();

const call = (change: Partial<CallView>): CallView => ({
  call: "c1",
  name: "write_file",
  arguments: { path: "notes/list.md", text: "one\ntwo" },
  effects: ["write"],
  state: "done",
  text: "Written.",
  leftOut: 0,
  ms: 12,
  ...change,
});

function run(change: Partial<RunView>): RunView {
  const hostile = `<img src="https://evil.example/x.png" onerror="window.hit=1">`;
  const calls = [
    call({ call: "c0", name: "read_file", arguments: { path: "notes/facts.md" }, effects: ["read"], text: hostile }),
    call({ diff: "--- a\n+++ b\n-old\n+one" }),
    call({
      call: "c2",
      name: "run_command",
      arguments: { command: "rm -rf build" },
      state: "denied",
      text: "The user said no.",
    }),
  ];
  return {
    run: "r1",
    goal: "Make a list",
    brain: "specimen",
    local: true,
    state: "answered",
    steps: [
      {
        step: 1,
        thought: "First I look at the notes.",
        said: "",
        read: [],
        offered: [],
        of: 9,
        calls,
        notes: [{ kind: "loop", text: "The same call again." }],
      },
    ],
    asking: null,
    text: "The list is in notes/list.md.",
    written: ["/w/notes/list.md"],
    undone: false,
    ...change,
  };
}

const goal = node("q1", null, "user", "Make a list");
function ended(view: RunView) {
  return chatState({
    options: { ...chatState().options, mode: "agent" },
    conversation: conversation([goal, node("a1", "q1", "assistant", view.text, { run: view })], "a1"),
  });
}
const asking: RunView["asking"] = {
  call: "c3",
  request: {
    id: "ask-1",
    tool: "write_file",
    effects: ["write"],
    target: { kind: "path", path: "/w/notes/list.md", shown: "notes/list.md" },
    summary: "Write notes/list.md",
    diff: "+one\n+two",
  },
};

describe.each<ThemeName>(["dark", "light", "contrast"])("a run in the %s theme", (theme) => {
  it("is drawn in steps within a narrow side bar, whatever its tools gave", async () => {
    await tests.open("chat", { theme, width: 300, events: { state: ended(run({})) } });
    const { page } = tests.view;
    await page.getByText("The list is in notes/list.md.").waitFor();
    await page.getByRole("button", { name: /read_file/ }).click();
    await page.getByText("onerror").waitFor();
    await tests.view.shot(`run-${theme}`);
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
    expect(tests.view.strayRequests).toEqual([]);
    expect(tests.view.faults).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(300);
  });
});

describe("a run that asks", () => {
  const open = async (change: Partial<NonNullable<RunView["asking"]>["request"]> = {}) => {
    const view = await tests.open("chat", {
      width: 320,
      events: { state: chatState({ conversation: conversation([goal], "q1") }) },
      handlers: { approve: () => null, steer: () => null },
    });
    const asked = { ...asking!, request: { ...asking!.request, ...change } };
    await tests.view.event("running", {
      ...running("", "", "answer"),
      parent: "q1",
      run: run({ state: "running", asking: asked, text: "" }),
    });
    return view;
  };

  it("shows what exactly would be done, and sends the answer", async () => {
    await open();
    await tests.view.page.getByText("/w/notes/list.md").waitFor();
    await tests.view.shot("run-asking");
    await tests.view.page.getByRole("textbox", { name: "Reason, told to the model" }).pressSequentially("elsewhere");
    await tests.view.page.getByRole("button", { name: "Deny" }).click();
    await expect
      .poll(() => tests.view.of("approve"))
      .toEqual([{ request: "ask-1", verdict: "deny", reason: "elsewhere" }]);
  });

  it("offers no standing rule where a person must say yes each time", async () => {
    await open({ mustAsk: "Settings are asked for each time." });
    await tests.view.page.getByText("Settings are asked for each time.").waitFor();
    expect(await tests.view.page.getByRole("button", { name: "Always" }).count()).toBe(0);
    await tests.view.page.getByRole("button", { name: "Allow once" }).click();
    await expect.poll(() => tests.view.of("approve")).toEqual([{ request: "ask-1", verdict: "once", reason: "" }]);
  });

  it("hears a message meanwhile", async () => {
    await open();
    const box = tests.view.page.getByRole("textbox", { name: "Ask anything" });
    await box.fill("in German");
    await box.press("Enter");
    await expect.poll(() => tests.view.of("steer")).toEqual([{ text: "in German" }]);
  });
});

it("file changes can be taken back, and a stopped run goes on", async () => {
  await tests.open("chat", {
    events: { state: ended(run({ state: "stopped", text: "It repeats itself." })) },
    handlers: { undoRun: () => null, resumeRun: () => null },
  });
  await tests.view.page.getByRole("button", { name: "Undo 1 file" }).click();
  await tests.view.page.getByRole("button", { name: "Go on" }).click();
  await expect
    .poll(() => [tests.view.of("undoRun"), tests.view.of("resumeRun")])
    .toEqual([[{ node: "a1" }], [{ node: "a1" }]]);
  expect(await tests.view.page.getByText("It repeats itself.").count()).toBe(1);
});

it("the mode is chosen in the composer", async () => {
  await tests.open("chat", { events: { state: chatState() }, handlers: { setOptions: () => null } });
  await tests.view.page.getByRole("combobox", { name: "How the message is taken" }).selectOption("agent");
  await expect.poll(() => tests.view.of("setOptions")).toEqual([{ mode: "agent" }]);
});
