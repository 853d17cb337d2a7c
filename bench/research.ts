/**
 * A research on a corpus with planted facts and planted contradictions, with a scripted reader that errs on purpose:
 *   node scripts/ts.mjs bench/research.ts
 * - citation precision: links of the report, opened by their address alone, whose place holds the quote word for word;
 * - precision of the answer's sentences: those that say a planted fact, of all;
 * - recall of planted facts, and of planted contradictions, in the report;
 * - the same after being paused at every step and taken up again from its journal.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Researches } from "../src/agent/node/openResearch";
import type { ResearchEvent } from "../src/contract/research";
import { ReaderBrain } from "./research/brain";
import { contradictions, corpusFiles, facts, question } from "./research/corpus";
import { report, type Figure } from "./lib/report";

interface Outcome {
  citations: number;
  holding: number;
  sentences: number;
  right: number;
  facts: number;
  contradictions: number;
  calls: number;
  steps: number;
}

/** One research from its question to its report; `interrupted` pauses it after every event and resumes it from its file. */
async function run(interrupted: boolean): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "vitrine-research-"));
  try {
    for (const [name, text] of Object.entries(corpusFiles())) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const brain = new ReaderBrain();
    const events: ResearchEvent[] = [];
    let id: string | undefined;
    for (let tries = 0; tries < 400; tries++) {
      const researches = await Researches.open({ folders: [folder], brain });
      const research = id === undefined ? researches.create({ question }) : await researches.resume(id);
      id = research.id;
      research.onEvent((event) => {
        events.push(event);
        if (interrupted && event.type === "spent") research.pause();
      });
      const view = await research.run();
      if (view.state === "failed") throw new Error(view.error?.message);
      if (view.state === "done") break;
    }
    const researches = await Researches.open({ folders: [folder], brain });
    const done = events.find((event) => event.type === "report");
    if (done?.type !== "report" || id === undefined) throw new Error("no report was written");
    const text = readFileSync(path.join(folder, done.file), "utf8");
    const checked = await researches.check(id);
    const plain = text.replace(/\\(?=[^\w\s])/g, "");
    const answer = plain.slice(plain.indexOf("## Answer"), plain.indexOf("## Where sources"));
    const sentences = answer.split("\n").filter((line) => line.startsWith("- "));
    const disagree = plain.slice(plain.indexOf("## Where sources"), plain.indexOf("## What was found"));
    const said = (claim: string) => claim.replace(/\.$/, "");
    return {
      citations: checked.length,
      holding: checked.filter(({ holds, changed }) => holds && !changed).length,
      sentences: sentences.length,
      right: sentences.filter((line) => facts.some(({ claim }) => line.includes(said(claim)))).length,
      facts: facts.filter(({ claim }) => answer.includes(said(claim))).length,
      contradictions: contradictions.filter(([a, b]) =>
        disagree.split("\n").some((line) => line.includes(said(a)) && line.includes(said(b))),
      ).length,
      calls: brain.calls,
      steps: events.filter(({ type }) => type === "spent").length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const whole = await run(false);
const pieces = await run(true);
const figuresOf = (name: string, outcome: Outcome): Figure[] => [
  figure(`${name}: citation precision`, outcome.holding / outcome.citations, 1, `${outcome.citations} links opened`),
  figure(`${name}: sentences that say a fact`, outcome.right / outcome.sentences, 1, `${outcome.sentences} sentences`),
  figure(`${name}: recall of facts`, outcome.facts / facts.length, 0.8, `of ${facts.length}`),
  figure(`${name}: contradictions`, outcome.contradictions / contradictions.length, 1, `of ${contradictions.length}`),
];

function figure(name: string, value: number, least: number, note: string): Figure {
  return { name, value, unit: "", target: { value: least, atLeast: true }, note };
}

const figures: Figure[] = [
  ...figuresOf("in one go", whole),
  ...figuresOf("paused at every step", pieces),
  {
    name: "calls of the brain when paused at every step, over in one go",
    value: pieces.calls / whole.calls,
    unit: "x",
    target: { value: 1.6, atLeast: false },
    note: "a query is asked for again in a new process",
  },
];
report("research", figures);
process.exit(
  figures.every(({ value, target }) => !target || (target.atLeast ? value >= target.value : value <= target.value))
    ? 0
    : 1,
);
