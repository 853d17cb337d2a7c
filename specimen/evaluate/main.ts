/**
 * Measures the specimen on held-out items and writes its card:
 * `node scripts/ts.mjs specimen/evaluate/main.ts [--split dev|test] [--model FILE] [--share X] [--only ID,ID] [--show N] [--inside]`.
 * `test` writes `specimen/CARD.md` and is for finished models alone; decisions are made on `dev`, the default.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseMemoryWrite } from "../../src/agent/prompts/memoryWrite";
import { Draw, hashText, type Split } from "../corpus/draw";
import { promptText, replyText } from "../corpus/render";
import { behaviours, memoryWrites } from "./behaviours";
import { openBrain, type Brain } from "./brain";
import { cardText, type Line } from "./card";
import { lookInside, type Inside } from "./inside";

const { values } = parseArgs({
  options: {
    split: { type: "string", default: "dev" },
    model: { type: "string", default: "specimen/specimen.gguf" },
    share: { type: "string", default: "1" },
    only: { type: "string" },
    show: { type: "string", default: "0" },
    out: { type: "string" },
    inside: { type: "boolean", default: false },
  },
});
const split = values.split as Split;
const share = Number(values.share);

async function measure(brain: Brain): Promise<Line[]> {
  const lines: Line[] = [];
  const only = values.only?.split(",");
  for (const one of behaviours.filter((each) => !only || only.includes(each.id))) {
    // The same items for a behaviour whatever else is measured; those that differ only in the form share theirs.
    const draw = new Draw(hashText(one.id.replace(/-(form|name)$/, "-call").replace("call-call", "call")), split);
    const n = Math.max(1, Math.round(one.n * share));
    let right = 0;
    let shown = 0;
    for (let i = 0; i < n; i++) {
      const sample = one.make(draw, i);
      const reply = await brain.reply(sample, one.max ?? 128, one.form?.(sample));
      const ok = one.grade(sample, reply);
      if (ok) right++;
      else if (shown++ < Number(values.show)) {
        console.error(
          `--- ${one.id}\n${promptText(sample).slice(-500)}\nGOT  ${JSON.stringify(reply)}\nGOLD ${JSON.stringify(replyText(sample))}`,
        );
      }
    }
    lines.push({ id: one.id, title: one.title, right, n, ...(one.target === undefined ? {} : { target: one.target }) });
    console.error(`${one.id} ${right}/${n}`);
  }
  if (!only || only.includes("memory-write")) lines.push(...(await writes(brain)));
  return lines;
}

async function writes(brain: Brain): Promise<Line[]> {
  const draw = new Draw(hashText("memory-write"), split);
  const count = { kept: 0, keptRight: 0, worth: 0, exact: 0 };
  for (let i = 0; i < Math.round(memoryWrites.n * share); i++) {
    const sample = memoryWrites.make(draw);
    const reply = await brain.reply(sample, 64);
    const decision = parseMemoryWrite(reply, 9);
    const keeps = decision.ok && decision.value.action !== "no";
    const worth = Boolean((sample.gold as { keep: boolean }).keep);
    if (worth) count.worth++;
    if (keeps) count.kept++;
    if (keeps && worth) count.keptRight++;
    if (worth && reply.trim() === replyText(sample)) count.exact++;
  }
  const lines: Line[] = [
    {
      id: "memory-precision",
      title: "Worth remembering: precision",
      target: 0.9,
      right: count.keptRight,
      n: count.kept,
    },
    { id: "memory-recall", title: "Worth remembering: recall", target: 0.8, right: count.keptRight, n: count.worth },
    { id: "memory-exact", title: "Worth remembering: action and sentence exact", right: count.exact, n: count.worth },
  ];
  for (const line of lines) console.error(`${line.id} ${line.right}/${line.n}`);
  return lines;
}

/** Prompts that the engine's template prints otherwise than the corpus: there should be none. */
async function differing(brain: Brain): Promise<number> {
  let count = 0;
  for (const one of behaviours) {
    const sample = one.make(new Draw(1, split), 0);
    if ((await brain.prompt(sample)) !== promptText(sample)) count++;
  }
  return count;
}

const brain = await openBrain(values.model);
try {
  const differ = await differing(brain);
  const began = Date.now();
  const lines = await measure(brain);
  const log = readFileSync("specimen/train-log.jsonl", "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const out = values.out ?? (split === "test" && !values.only ? "specimen/CARD.md" : undefined);
  const write = (inside?: Inside) => {
    const seconds = (Date.now() - began) / 1000;
    const bytes = statSync(values.model).size;
    const text = cardText({
      lines,
      split,
      info: brain.info,
      bytes,
      seconds,
      differ,
      log,
      ...(inside ? { inside } : {}),
    });
    if (out) writeFileSync(out, text);
    else console.log(text);
  };
  write();
  // The instruments take as long again; what was measured is on paper by then.
  if (values.inside) write(await lookInside(brain, split));
} finally {
  await brain.close();
}
