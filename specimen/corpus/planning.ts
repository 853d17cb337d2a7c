import { judgePrompt, matchPrompt, type Verdict } from "../../src/agent/prompts/judge";
import { planPrompt, proposePrompt, type PlanStep } from "../../src/agent/prompts/plan";
import { spacedJson } from "../../src/agent/prompts/spacedJson";
import { worldModelPrompt, worldModelText } from "../../src/agent/prompts/worldModel";
import type { Draw } from "./draw";
import { fill } from "./draw";
import type { Sample } from "./sample";
import { extensions, fileWords, rooms, things } from "./words";

/** The small world: you and things, each in a room; a thing you carry is with you. */
interface World {
  you: string;
  rooms: string[];
  things: Map<string, string>;
}

function world(draw: Draw): World {
  const unlike = (count: number, one: () => string) => {
    const names = new Set<string>();
    while (names.size < count) names.add(one());
    return [...names];
  };
  const places = unlike(draw.int(2, 4), () => draw.word(rooms));
  const names = unlike(draw.int(1, 3), () => draw.word(things));
  return {
    you: draw.pick(places),
    rooms: places,
    things: new Map(names.map((name) => [name, draw.chance(0.15) ? "you" : draw.pick(places)])),
  };
}

function stateText(w: World): string {
  return [`you: ${w.you}`, ...[...w.things].map(([name, at]) => `${name}: ${at}`)].join("; ");
}

/** Does an action and says what is seen. The world is changed in place. */
function act(w: World, verb: "go" | "take" | "drop", what: string): string {
  if (verb === "go") {
    w.you = what;
    const here = [...w.things].filter(([, at]) => at === what).map(([name]) => name);
    return `You are in the ${what}.${here.length > 0 ? ` Here: ${here.join(", ")}.` : ""}`;
  }
  const at = w.things.get(what);
  if (verb === "take") {
    if (at !== w.you) return at === "you" ? `You already have the ${what}.` : `There is no ${what} here.`;
    w.things.set(what, "you");
    return `You have the ${what}.`;
  }
  if (at !== "you") return `You do not have the ${what}.`;
  w.things.set(what, w.you);
  return `The ${what} is in the ${w.you}.`;
}

const doText = { go: "go to the {x}", take: "take the {x}", drop: "put down the {x}" };

type Goal =
  { kind: "be"; room: string } | { kind: "have"; thing: string } | { kind: "bring"; thing: string; room: string };

const goalForms = {
  be: [
    "Go to the {r}.",
    "Be in the {r}.",
    "Get to the {r}.",
    "Walk to the {r}.",
    "I want you in the {r}.",
    "Move to the {r}.",
  ],
  have: [
    "Get the {t}.",
    "Fetch the {t}.",
    "Take the {t}.",
    "I want you to hold the {t}.",
    "Find the {t} and take it.",
    "Pick up the {t}.",
  ],
  bring: [
    "Bring the {t} to the {r}.",
    "Carry the {t} to the {r}.",
    "Put the {t} in the {r}.",
    "The {t} should be in the {r}.",
    "Take the {t} to the {r}.",
    "Move the {t} into the {r}.",
  ],
};

function goalText(draw: Draw, goal: Goal): string {
  return fill(draw.form(goalForms[goal.kind]), {
    r: "room" in goal ? goal.room : "",
    t: "thing" in goal ? goal.thing : "",
  });
}

function reached(w: World, goal: Goal): boolean {
  if (goal.kind === "be") return w.you === goal.room;
  return w.things.get(goal.thing) === (goal.kind === "have" ? "you" : goal.room);
}

function someGoal(draw: Draw, w: World): Goal {
  const [thing] = draw.pick([...w.things]);
  const room = draw.pick(w.rooms);
  const kind = draw.pick(["be", "have", "bring", "bring", "bring"] as const);
  return kind === "be" ? { kind, room } : kind === "have" ? { kind, thing } : { kind, thing, room };
}

/** The shortest plan, with what is seen after each step; plays it on the world. */
function solve(w: World, goal: Goal): PlanStep[] {
  const steps: PlanStep[] = [];
  const move = (verb: "go" | "take" | "drop", x: string) =>
    steps.push({ step: fill(doText[verb], { x }), expect: act(w, verb, x) });
  if (reached(w, goal)) return steps;
  if (goal.kind === "be") move("go", goal.room);
  else {
    const at = w.things.get(goal.thing) ?? "";
    if (at !== "you") {
      if (at !== w.you) move("go", at);
      move("take", goal.thing);
    }
    if (goal.kind === "bring") {
      if (w.you !== goal.room) move("go", goal.room);
      move("drop", goal.thing);
    }
  }
  return steps;
}

function open(draw: Draw): { w: World; goal: Goal } {
  for (;;) {
    const w = world(draw);
    const goal = someGoal(draw, w);
    if (!reached(w, goal)) return { w, goal };
  }
}

export function planSample(draw: Draw): Sample {
  const { w, goal } = open(draw);
  const propose = draw.split === "train" && draw.chance(0.15);
  let state = stateText(w);
  const text = goalText(draw, goal);
  let done: string[] | undefined;
  let surprise: string | undefined;
  if (draw.chance(0.2)) {
    // Something is not where it was: a new plan from what is now known.
    const thing = draw.pick([...w.things.keys()]);
    surprise = `There is no ${thing} here.`;
    done = [`go to the ${w.you}`];
    if (w.things.get(thing) === w.you) w.things.set(thing, "you");
    if (reached(w, goal)) w.things.set(thing, w.rooms.find((room) => room !== w.you) ?? w.you);
    state = stateText(w);
  }
  const input = { goal: text, state, done, surprise };
  if (propose) return proposal(draw, w, goal, input);
  const steps = solve(w, goal);
  if (steps.length === 0) return planSample(draw);
  return {
    task: "plan",
    chat: [...planPrompt(input), { role: "assistant", content: spacedJson(steps) }],
    gold: steps.map((one) => ({ ...one })),
  };
}

function proposal(draw: Draw, w: World, goal: Goal, input: { goal: string; state: string }): Sample {
  const copy = (): World => ({ ...w, things: new Map(w.things) });
  const best = solve(copy(), goal)[0];
  if (!best) return planSample(draw);
  const others: PlanStep[] = [];
  for (const room of w.rooms.filter((one) => one !== w.you))
    others.push({ step: fill(doText.go, { x: room }), expect: act(copy(), "go", room) });
  for (const [name, at] of w.things)
    if (at === w.you) others.push({ step: fill(doText.take, { x: name }), expect: act(copy(), "take", name) });
  const rest = draw.several(
    others.filter((one) => one.step !== best.step),
    draw.int(1, 2),
  );
  const steps = [best, ...rest];
  return {
    task: "propose",
    chat: [...proposePrompt(input, steps.length), { role: "assistant", content: spacedJson(steps) }],
  };
}

function file(draw: Draw): string {
  return `${draw.chance(0.15) ? `${draw.nonce()}/` : ""}${draw.word(fileWords)}.${draw.pick(extensions)}`;
}

/** Predicts one action in the small world, or one call on a folder of files. */
export function worldSample(draw: Draw): Sample {
  if (draw.chance(0.4)) return filesSample(draw);
  const w = world(draw);
  const before = stateText(w);
  const verb = draw.pick(["go", "take", "take", "drop"] as const);
  const names = [...w.things.keys()];
  const what = verb === "go" ? draw.pick(w.rooms) : draw.chance(0.08) ? draw.word(things) : draw.pick(names);
  const seen = act(w, verb, what);
  return {
    task: "world-model",
    chat: [
      ...worldModelPrompt({ state: before, action: fill(doText[verb], { x: what }) }),
      { role: "assistant", content: worldModelText({ seen, state: stateText(w) }) },
    ],
  };
}

function filesSample(draw: Draw): Sample {
  const files = [...new Set(Array.from({ length: draw.int(1, 4) }, () => file(draw)))];
  const text = (names: string[]) => `files: ${names.length > 0 ? names.join(", ") : "none"}`;
  const known = draw.chance(0.8);
  const path = known ? draw.pick(files) : file(draw);
  const there = files.includes(path);
  const missing = `Error: there is no file ${path}.`;
  const call = (name: string, args: Record<string, string>) => spacedJson({ name, arguments: args });
  const fresh = file(draw);
  const cases: [string, string, string[]][] = [
    [call("delete_file", { path }), there ? `Deleted ${path}.` : missing, files.filter((one) => one !== path)],
    [
      call("rename_file", { path, to: fresh }),
      there ? `Renamed ${path} to ${fresh}.` : missing,
      files.map((one) => (one === path ? fresh : one)),
    ],
    [
      call("write_file", { path, content: draw.nonce() }),
      there ? `Replaced ${path}.` : `Wrote ${path}.`,
      there ? files : [...files, path],
    ],
    [call("read_file", { path }), there ? `The text of ${path}.` : missing, files],
    [
      call("run_command", { command: `rm ${path}` }),
      there ? "The command is done." : missing,
      files.filter((one) => one !== path),
    ],
  ];
  const [action, seen, after] = draw.pick(cases);
  return {
    task: "world-model",
    chat: [
      ...worldModelPrompt({ state: text(files), action }),
      { role: "assistant", content: worldModelText({ seen, state: text(after) }) },
    ],
  };
}

const troubles = [
  "The door is locked.",
  "Nothing happens.",
  "The way is blocked.",
  "Error: not allowed.",
  "You cannot do that.",
  "It is too heavy.",
  "A storm keeps you here.",
  "Error: timeout.",
];

export function judgeSample(draw: Draw): Sample {
  if (draw.chance(0.25)) return callJudgeSample(draw);
  const { w, goal } = open(draw);
  const steps = solve({ ...w, things: new Map(w.things) }, goal);
  const last = steps.length - 1;
  const which = draw.int(0, last);
  const step = draw.chance(0.5) ? steps[last] : steps[which];
  if (!step) return judgeSample(draw);
  let verdict: Verdict = step === steps[last] ? "done" : "good";
  let { seen, text } = { seen: step.expect, text: step.step };
  if (draw.chance(0.4)) {
    verdict = "wrong";
    if (draw.chance(0.5)) seen = draw.form(troubles);
    else {
      // A step that has nothing to do with the goal.
      const x = draw.word(things);
      const alien = !w.things.has(x);
      [text, seen] =
        alien && draw.chance(0.7)
          ? [`take the ${x}`, `You have the ${x}.`]
          : [`take the ${"thing" in goal ? goal.thing : x}`, `There is no ${"thing" in goal ? goal.thing : x} here.`];
    }
  }
  const expected = draw.chance(0.5) ? step.expect : undefined;
  return {
    task: "judge",
    chat: [
      ...judgePrompt({
        goal: goalText(draw, goal),
        step: text,
        ...(expected && verdict !== "wrong" ? { expected } : expected ? { expected } : {}),
        seen,
      }),
      { role: "assistant", content: verdict },
    ],
    gold: verdict,
  };
}

function callJudgeSample(draw: Draw): Sample {
  const path = file(draw);
  const other = file(draw);
  const content = draw.nonce();
  const cases: [string, string, string, Verdict][] = [
    [`Read ${path}.`, spacedJson({ name: "read_file", arguments: { path } }), `${content} ${draw.nonce()}`, "done"],
    [
      `Read ${path}.`,
      spacedJson({ name: "read_file", arguments: { path } }),
      `Error: there is no file ${path}.`,
      "wrong",
    ],
    [`Read ${path}.`, spacedJson({ name: "list_files", arguments: { path: "." } }), `${path}, ${other}`, "good"],
    [`Read ${path}.`, spacedJson({ name: "read_file", arguments: { path: other } }), content, "wrong"],
    [
      `Write ${content} to ${path}.`,
      spacedJson({ name: "write_file", arguments: { path, content } }),
      `Wrote ${path}.`,
      "done",
    ],
    [
      `Write ${content} to ${path}.`,
      spacedJson({ name: "write_file", arguments: { path: other, content } }),
      `Wrote ${other}.`,
      "wrong",
    ],
    [`Delete ${path}.`, spacedJson({ name: "delete_file", arguments: { path } }), `Deleted ${path}.`, "done"],
    [`Delete ${path}.`, spacedJson({ name: "delete_file", arguments: { path } }), "Error: not allowed.", "wrong"],
    [`Copy ${path} to ${other}.`, spacedJson({ name: "read_file", arguments: { path } }), content, "good"],
    [
      `Copy ${path} to ${other}.`,
      spacedJson({ name: "write_file", arguments: { path: other, content } }),
      `Wrote ${other}.`,
      "done",
    ],
  ];
  const [goal, step, seen, verdict] = draw.pick(cases);
  return {
    task: "judge",
    chat: [...judgePrompt({ goal, step, seen }), { role: "assistant", content: verdict }],
    gold: verdict,
  };
}

export function matchSample(draw: Draw): Sample {
  const w = world(draw);
  const verb = draw.pick(["go", "take", "drop"] as const);
  const what = verb === "go" ? draw.pick(w.rooms) : draw.pick([...w.things.keys()]);
  const expected = act(w, verb, what);
  const fits = draw.chance(0.5);
  const extra = draw.pick([
    "",
    "",
    ` Here: ${draw.word(things)}.`,
    ` It is ${draw.pick(["dark", "warm", "quiet", "cold"])}.`,
  ]);
  const other = act(
    w,
    draw.pick(["go", "take", "drop"] as const),
    draw.chance(0.5) ? draw.word(things) : draw.pick(w.rooms),
  );
  const seen = fits
    ? expected + extra
    : draw.chance(0.5)
      ? draw.form(troubles)
      : other === expected
        ? "Nothing happens."
        : other;
  return {
    task: "match",
    chat: [...matchPrompt(expected, seen), { role: "assistant", content: fits ? "yes" : "no" }],
    gold: fits,
  };
}
