import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { PlanRun } from "../../../../src/agent/planning/run";
import { resumePlan } from "../../../../src/agent/planning/resume";
import type { Tool } from "../../../../src/agent/tools/tool";
import type { PlanView } from "../../../../src/contract/plan";
import { planBrain, type PlanScript, type Step } from "../../../fixtures/agent/planBrain";
import { bench, follow, type Bench } from "./setUp";

let made: Bench | undefined;
afterEach(async () => {
  await made?.space.remove();
  made = undefined;
});

async function withScript(script: PlanScript, options: Parameters<typeof bench>[1] = {}) {
  const brain = planBrain(script);
  made = await bench(brain, options);
  return { brain, ...made };
}

const read = (file: string) => ({ name: "read_file", arguments: { path: file } });
const write = (file: string, content: string) => ({ name: "write_file", arguments: { path: file, content } });

/** Two ways: the first reads a file that is not there, the second one that is. */
const twoWays: PlanScript = {
  propose: ({ done }) =>
    done === ""
      ? [
          ["read missing.txt", "the word"],
          ["read a.txt", "alpha"],
        ]
      : [["answer", "the answer"]],
  predict: ({ action }) => ({ seen: `${action}: the word`, state: `${action} is known` }),
  judge: ({ step, seen }) => (step.startsWith("answer") || seen === "alpha" ? "done" : "good"),
  act: ({ next }) => (next.startsWith("read") ? read(next.slice(5)) : "The word is alpha."),
};

describe("a goal with several ways", () => {
  it("is reached by the second when the first fails, and the first is given up with its reason", async () => {
    const { plan, asked } = await withScript(twoWays);
    const { last, node, view, events } = await plan();
    expect(last).toMatchObject({ type: "answer" });
    expect(node("read missing.txt")).toMatchObject({ status: "failed", reality: "real", value: 0 });
    expect(node("read missing.txt").reason).toContain("no file");
    expect(node("read a.txt")).toMatchObject({ status: "done", reality: "real", observed: "alpha\n" });
    expect(view.path).toContain(node("read a.txt").id);
    expect(events.some(({ type }) => type === "surprise")).toBe(true);
    // The plan was asked for once; what was read needs no asking.
    expect(asked.map(({ tool }) => tool)).toEqual(["plan"]);
  });

  it("prunes in the head what is judged wrong, says why, and never does it", async () => {
    const { plan, brain } = await withScript({
      ...twoWays,
      judge: (at) => (at.step.includes("missing") ? "wrong" : twoWays.judge!(at)),
    });
    const { node, last } = await plan();
    expect(node("read missing.txt")).toMatchObject({ status: "pruned", reality: "imagined", value: 0 });
    expect(node("read missing.txt").reason).toMatch(/^It does not help\. \(Value 0\.00: judged wrong 3 of 3/);
    expect(brain.asked.some(({ messages }) => messages.at(-1)?.content.includes("Next step: read missing.txt"))).toBe(
      false,
    );
    expect(last.type).toBe("answer");
  });

  it("is asked for as a whole, and planned otherwise when refused with a reason", async () => {
    const { plan, brain } = await withScript(twoWays, { decision: { verdict: "deny", reason: "Not that file" } });
    const { last, node } = await plan();
    expect(last).toMatchObject({ type: "stopped", reason: "denied" });
    expect(node("read missing.txt").reason).toContain("Not that file");
    expect(brain.asked.some(({ messages }) => messages.at(-1)?.content.includes("Surprise: Not that file"))).toBe(true);
  });

  it("counts what each branch cost and who decided what", async () => {
    const { plan } = await withScript(twoWays);
    const { view, events, node } = await plan();
    const kinds = new Set(view.decisions.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(expect.arrayContaining(["act", "imagine", "judge", "propose"]));
    const decided = events.flatMap((event) => (event.type === "planDecision" ? [event.decision] : []));
    const tokens = decided.reduce((sum, { usage }) => sum + usage.promptTokens, 0);
    expect(view.nodes.reduce((sum, { cost }) => sum + cost.promptTokens, 0)).toBe(tokens);
    expect(node("read a.txt").cost.replies).toBeGreaterThan(3);
  });
});

/** Does what cannot be taken back, and says when it was begun. */
function launch(act: () => Promise<string> = () => Promise.resolve("Launched.")): Tool {
  return {
    name: "launch",
    description: "Launches it.",
    parameters: { type: "object", properties: {} },
    source: "builtin",
    effects: ["execute", "irreversible"],
    prepare: () =>
      Promise.resolve({
        effects: ["execute", "irreversible"],
        target: { kind: "text", text: "launch" },
        summary: "Launch it",
        reversal: "no",
        act: async () => ({ text: await act() }),
      }),
  };
}

const launching: PlanScript = {
  propose: ({ done }) => (done === "" ? [["launch it", "launched"]] : [["say so", "said"]]),
  predict: () => ({ seen: "Launched.", state: "launched" }),
  judge: ({ seen }) => (seen === "Launched." ? "done" : "good"),
  act: ({ next }) => (next === "launch it" ? { name: "launch", arguments: {} } : "It is launched."),
};

describe("an irreversible action", () => {
  it("is simulated, shown with what is expected, and asked for whatever the policy", async () => {
    const { plan, asked, kept } = await withScript(launching, { tools: [launch()], policy: "all" });
    const { events, last } = await plan();
    const request = asked.find(({ tool }) => tool === "launch");
    expect(request?.expected).toMatchObject({ seen: "Launched." });
    expect(request?.mustAsk).toContain("cannot be taken back");
    const order = events.map(({ type }) => type);
    expect(order.indexOf("simulate")).toBeLessThan(order.lastIndexOf("approval"));
    expect(order.indexOf("simulate")).toBeGreaterThan(0);
    expect(last.type).toBe("answer");
    expect(kept).toMatchObject([{ hit: true, brain: "scripted", by: "history" }]);
  });

  it("is not done when refused, and another way is looked for", async () => {
    let launched = 0;
    const tool = launch(() => Promise.resolve(String(++launched)));
    const brain = planBrain(launching);
    made = await bench(brain, { tools: [tool], policy: "all" });
    const { ports } = made;
    const decide = ports.approvals.decide.bind(ports.approvals);
    ports.approvals.decide = (by, ...rest) =>
      by.name === "launch"
        ? Promise.resolve({ allowed: false, by: "person", decision: { verdict: "deny", reason: "Too risky" } })
        : decide(by, ...rest);
    const { node, last } = await made.plan();
    expect(launched).toBe(0);
    expect(node("launch it")).toMatchObject({ status: "failed" });
    expect(node("launch it").reason).toContain("Too risky");
    expect(last).toMatchObject({ type: "answer", unfinished: true });
  });

  it("that is stopped in the middle is said exactly: under way, not known, not to be taken back", async () => {
    let run: PlanRun | undefined;
    const tool = launch(() => {
      run?.stop();
      return Promise.reject(new Error("aborted"));
    });
    const { plan } = await withScript(launching, { tools: [tool], policy: "all" });
    const { last, node } = await plan({}, (each) => (run = each));
    expect(last).toMatchObject({ type: "stopped", reason: "user" });
    const { text } = last as { text: string };
    expect(text).toContain('Stopped while "launch it" (Launch it) was under way');
    expect(text).toContain("is not known. It cannot be taken back.");
    expect(node("launch it").status).toBe("unknown");
  });

  it("that is stopped while it is asked for was not done, and that is said", async () => {
    const brain = planBrain(launching);
    made = await bench(brain, { tools: [launch()], policy: "all" });
    let run: PlanRun | undefined;
    const { last, node } = await made.plan({}, (each) => {
      run = each;
      each.onEvent((event) => event.type === "simulate" && run?.stop());
    });
    expect((last as { text: string }).text).toContain("nothing of it was done");
    expect(node("launch it").status).toBe("open");
  });

  it("that broke off with the editor is known as not known when the run goes on", async () => {
    const brain = planBrain(launching);
    made = await bench(brain, { tools: [launch(() => new Promise(() => undefined))], policy: "all" });
    const run = new PlanRun(made.ports, { goal: "Reach it", mode: "plan" }, "r1");
    await new Promise<void>((resolve) => {
      run.onEvent(
        (event) =>
          event.type === "approval" && event.verdict !== undefined && event.request.tool === "launch" && resolve(),
      );
      void run.start();
    });
    const again = await resumePlan(made.ports, "r1");
    let view: PlanView | undefined;
    const { events } = await follow(again!).then((done) => ((view = done.view), done));
    expect(view?.nodes.find(({ intent }) => intent === "launch it") ?? { status: "unknown" }).toMatchObject({
      status: "unknown",
    });
    expect(brain.asked.some(({ messages }) => messages.at(-1)?.content.includes("check what it did"))).toBe(true);
    expect(events.some(({ type }) => type === "answer")).toBe(true);
  });
});

describe("a bad adviser", () => {
  it("that judges everything 1.0 is found out, and a step that fails is still a failure", async () => {
    const { plan } = await withScript({ ...twoWays, propose: fourWays, judge: () => "done" });
    const { view, node, last } = await plan({ plan: { alternatives: 4 } });
    expect(view.notes.join(" ")).toContain("tells nothing apart");
    expect(node("read missing.txt").status).toBe("failed");
    expect(node("read a.txt").status).toBe("done");
    expect(last.type).toBe("answer");
  });

  const fourWays = ({ done }: { done: string }): Step[] =>
    done === ""
      ? [
          ["read missing.txt", "the word"],
          ["read a.txt", "alpha"],
          ["read b.txt", "beta"],
          ["read c.txt", "gamma"],
        ]
      : [["answer", "the answer"]];

  it("whose world model is nonsense leads to steps that are done one by one, and its score says so", async () => {
    const words = ["%%%", "{}", '{"seen": "", "state": ""}', "]["];
    let n = 0;
    const { plan, kept } = await withScript({ ...twoWays, predict: () => words[n++ % words.length]! });
    const { last, node } = await plan();
    expect(last.type).toBe("answer");
    expect(node("read a.txt").status).toBe("done");
    expect(kept).toEqual([]);
    const wrong = await withScript({
      ...twoWays,
      predict: () => ({ seen: "purple elephants 77", state: `dream ${n++}` }),
      match: () => "no",
    });
    await wrong.plan();
    expect(wrong.kept.length).toBeGreaterThan(0);
    expect(wrong.kept.every(({ hit }) => !hit)).toBe(true);
  });

  it("that proposes the same step over and over gives one node with its votes", async () => {
    const same: Step[] = [
      ["read a.txt", "alpha"],
      ["Read  a.txt.", "alpha"],
      ["read A.txt", "alpha"],
    ];
    const { plan } = await withScript({
      ...twoWays,
      propose: ({ done }) => (done === "" ? same : [["answer", "the answer"]]),
    });
    const { view, node, last } = await plan();
    expect(view.nodes.filter(({ intent }) => /a\.txt/i.test(intent))).toHaveLength(1);
    expect(node("read a.txt").votes).toBe(3);
    expect(last.type).toBe("answer");
  });

  it("that plans in a circle is stopped by the circle, not by the limit", async () => {
    const { plan } = await withScript({
      propose: ({ state }) => (state.includes("east") ? [["go west", "west"]] : [["go east", "east"]]),
      predict: ({ action }) => ({ seen: action, state: action.slice(3) }),
      judge: () => "good",
      act: () => "I went.",
    });
    const { view } = await plan({ plan: { limits: { nodes: 30 } } });
    const circle = view.nodes.find(({ reason }) => reason.startsWith("A circle"));
    expect(circle?.status).toBe("pruned");
    expect(view.nodes.length).toBeLessThan(12);
  });

  it("that says nothing readable at all ends with what there is", async () => {
    const { plan } = await withScript({ propose: () => "no list", judge: () => "perhaps" });
    const { last } = await plan();
    expect(last).toMatchObject({ type: "answer", unfinished: true });
    expect((last as { text: string }).text).toContain("Nothing was done.");
  });
});

describe("limits", () => {
  const endless: PlanScript = {
    propose: ({ done }) => {
      const n = done === "" ? 0 : done.split(";").length;
      return [
        [`step ${n} left`, "more"],
        [`step ${n} right`, "more"],
      ];
    },
    judge: () => "good",
  };

  it.each([
    [{ nodes: 5 }, /limit of 5 nodes/],
    [{ tokens: 600 }, /budget of 600 tokens/],
    [{ ms: 40 }, /budget of 0 seconds/],
  ])("of %j are kept, and the best so far is the answer", async (limits, said) => {
    const { plan } = await withScript(endless);
    const { last, view, events } = await plan({ plan: { limits } });
    expect(last).toMatchObject({ type: "answer", unfinished: true });
    expect(events.some((event) => event.type === "note" && event.kind === "budget" && said.test(event.text))).toBe(
      true,
    );
    if ("nodes" in limits) expect(view.nodes.length - 1).toBeLessThanOrEqual(5);
  });

  it("of depth keep the tree flat", async () => {
    const { plan } = await withScript(endless);
    const { view } = await plan({ plan: { limits: { depth: 2, nodes: 20 } }, budget: { steps: 2 } });
    expect(view.spent.depth).toBeLessThanOrEqual(2);
  });
});

describe("the world differs", () => {
  it("is told, planned from anew, and what still holds is kept", async () => {
    const script: PlanScript = {
      propose: ({ done, surprise }) => {
        if (surprise.includes("alpha")) return [["read b.txt", "beta"]];
        return done === "" ? [["read a.txt", "omega"]] : [["answer", "the answer"]];
      },
      predict: ({ action }) => ({ seen: `${action} seen`, state: `${action} known` }),
      judge: ({ step, seen }) => (step === "answer" || seen === "beta" ? "done" : "good"),
      match: () => "no",
      act: ({ next }) => (next.startsWith("read") ? read(next.slice(5)) : "It is beta."),
    };
    const { plan } = await withScript(script, { files: { "a.txt": "alpha\n", "b.txt": "beta\n" } });
    const { node, events, view } = await plan();
    const surprise = events.find((event) => event.type === "surprise");
    expect(surprise).toMatchObject({ expected: "omega", observed: "alpha\n" });
    expect(node("read a.txt")).toMatchObject({ status: "done", surprise: { by: "model" } });
    expect(node("answer").reason).toContain("Still holds after the surprise");
    expect(node("read b.txt").parent).toBe(node("read a.txt").id);
    expect(view.notes.some((note) => note.includes("Surprise"))).toBe(true);
  });

  it("takes back the files of a step that failed the goal, and says so", async () => {
    const script: PlanScript = {
      propose: ({ done, surprise }) =>
        done === "" && !surprise ? [["write x", "good text"]] : [["read a.txt", "alpha"]],
      judge: ({ seen }) => (seen === "alpha" ? "done" : seen.startsWith("write x") ? "good" : "wrong"),
      match: () => "no",
      act: ({ next }) => (next === "write x" ? write("a.txt", "ruined") : read("a.txt")),
    };
    const { plan, space } = await withScript(script, { policy: "all" });
    const { node, last } = await plan();
    expect(node("write x").reason).toContain("1 file changes were taken back");
    expect(await readFile(path.join(space.root, "a.txt"), "utf8")).toBe("alpha\n");
    expect(last.type).toBe("answer");
  });

  it("may be tried where it can be taken back, before anything is asked", async () => {
    const script: PlanScript = {
      ...twoWays,
      propose: ({ done }) =>
        done === ""
          ? [
              ["write b", "Wrote"],
              ["read missing.txt", "text"],
            ]
          : [["answer", "the answer"]],
      judge: ({ step }) => (step === "answer" ? "done" : "good"),
      act: ({ next }) =>
        next === "write b" ? write("b.txt", "beta") : next.startsWith("read") ? read(next.slice(5)) : "Done.",
    };
    const { plan, space, asked } = await withScript(script, { policy: "all" });
    let seen: string | undefined = "not looked";
    const { node } = await plan({ plan: { tryReversible: true } }, (run) => {
      run.onEvent((event) => {
        if (event.type === "approval" || event.type !== "plan") return;
        seen = space.root;
      });
    });
    expect(seen).toBe(space.root);
    expect(asked[0]?.tool).toBe("plan");
    expect(node("read missing.txt")).toMatchObject({ reality: "tried", value: 0 });
    expect(node("read missing.txt").reason).toContain("Tried and rolled back");
    expect(await readFile(path.join(space.root, "b.txt"), "utf8")).toBe("beta");
  });

  it("is undone as a whole afterwards, whatever parts it was done in", async () => {
    const script: PlanScript = {
      propose: ({ done }) =>
        done.includes("two") ? [["answer", "x"]] : done === "" ? [["one", "Wrote"]] : [["two", "Wrote"]],
      judge: ({ step }) => (step === "answer" ? "done" : "good"),
      act: ({ next }) =>
        next === "one" ? write("a.txt", "first") : next === "two" ? write("a.txt", "second") : "Done.",
    };
    const { plan, space } = await withScript(script, { policy: "all" });
    let run: PlanRun | undefined;
    await plan({}, (each) => (run = each));
    expect(await readFile(path.join(space.root, "a.txt"), "utf8")).toBe("second");
    await run?.undo();
    expect(await readFile(path.join(space.root, "a.txt"), "utf8")).toBe("alpha\n");
  });
});
