/**
 * What a plan's tree costs against its paths one by one: `node scripts/ts.mjs bench/planning.ts [--model FILE] [--nodes N]`
 * Prompts are read by the engine itself; what is said to them is scripted, so that the tree is the same for any model.
 */
import { parseArgs } from "node:util";
import { EngineBrain } from "../src/agent/brains/engineBrain";
import { PlanMind } from "../src/agent/planning/mind";
import { nothingDone, PlanSearch } from "../src/agent/planning/search";
import { planSettings } from "../src/agent/planning/settings";
import { PlanTree } from "../src/agent/planning/tree";
import type { Brain, BrainReply, BrainRequest } from "../src/contract/brain";
import { withEngine } from "./lib/inProcess";
import { report } from "./lib/report";

const { values: options } = parseArgs({
  options: {
    model: { type: "string", default: "specimen/specimen.gguf" },
    nodes: { type: "string", default: "32" },
    /** Also reads every path again, each with a cache of its own. */
    strict: { type: "boolean", default: false },
  },
});
const goal = "Find the word in the notes, write it into word.txt and say which file it came from.";

let steps = 0;

interface Asked {
  node: string;
  request: BrainRequest;
  prompt: number;
  fresh: number;
}

await withEngine(options.model, { threads: 1 }, async (caller, info, session) => {
  const engine = new EngineBrain(caller, info);
  const asked: Asked[] = [];
  let node = "";
  const send = async (request: BrainRequest): Promise<BrainReply> => {
    const { form: _form, ...bare } = request;
    return engine.reply({ ...bare, max: 1 });
  };
  const brain: Brain = {
    name: info.name,
    local: true,
    context: info.context,
    count: (text) => engine.count(text),
    reply: async (request) => {
      const reply = await send(request);
      const { promptTokens, reusedTokens } = reply.usage;
      asked.push({ node, request, prompt: promptTokens, fresh: promptTokens - reusedTokens });
      const { tokens: _tokens, ...plain } = reply;
      return {
        ...plain,
        text: said(request),
        others: reply.others?.map((other) => ({ ...other, text: "good" })) ?? [],
      };
    },
  };
  const tree = new PlanTree();
  tree.add({ parent: null, intent: goal, expect: "", state: nothingDone, status: "done" });
  const settings = planSettings({
    limits: { nodes: Number(options.nodes), depth: 8 },
    lookahead: Number(options.nodes),
    reasons: false,
    prune: 0,
  });
  const mind = new PlanMind({
    run: "bench",
    brain,
    tree,
    signal: new AbortController().signal,
    step: () => 0,
    emit: (event) => {
      if (event.type === "planDecision")
        for (const each of asked) if (each.node === "") each.node = event.decision.node;
      return Promise.resolve();
    },
    keep: () => Promise.resolve([]),
    spend: () => undefined,
  });
  const search = new PlanSearch({
    mind,
    tree,
    settings,
    goal,
    limit: () =>
      tree.size >= settings.limits.nodes && !tree.all().some(({ id, value }) => id !== "root" && value === null)
        ? "nodes"
        : undefined,
    history: () => 0.5,
    trust: () => true,
    told: () => Promise.resolve(),
  });
  node = "";
  session.plain().cache.forgetAll();
  await search.look("root");

  const inTree = asked.reduce((sum, { fresh }) => sum + fresh, 0);
  const leaves = tree.all().filter(({ id }) => tree.children(id).length === 0);
  let alone = 0;
  let aloneCached = 0;
  for (const leaf of leaves) {
    const path = new Set(tree.path(leaf.id).map(({ id }) => id));
    session.plain().cache.forgetAll();
    for (const { request, prompt } of asked.filter((each) => path.has(each.node))) {
      const samples = request.samples ?? 1;
      alone += prompt * samples;
      if (!options.strict) continue;
      const { usage } = await send({ ...request, session: "alone" });
      aloneCached += usage.promptTokens - usage.reusedTokens;
    }
  }
  report("planning", [
    { name: "nodes of the tree", value: tree.size, unit: "nodes", note: `${leaves.length} paths` },
    { name: "prompt tokens computed for the tree", value: inTree, unit: "tokens", note: `${asked.length} decisions` },
    {
      name: "tree / each path alone",
      value: inTree / alone,
      unit: "x",
      target: { value: 0.35, atLeast: false },
      note: `${alone} tokens alone, each sample its own prompt`,
    },
    ...(options.strict
      ? [
          {
            name: "tree / each path alone that keeps its own cache",
            value: inTree / aloneCached,
            unit: "x",
            note: `${aloneCached} tokens`,
          },
        ]
      : []),
  ]);
});

/** What is said to a prompt: three steps, each different, and predictions that differ as states do. */
function said({ messages }: BrainRequest): string {
  const system = messages[0]?.content ?? "";
  const last = messages.at(-1)?.content ?? "";
  if (system.startsWith("Propose")) {
    const made = Array.from({ length: 3 }, () => ++steps);
    return JSON.stringify(
      made.map((n) => ({ step: `Look into file ${n} of the notes folder`, expect: `the text of file ${n}` })),
    );
  }
  if (system.startsWith("Predict")) {
    const action = /Action: (.*)/.exec(last)?.[1] ?? "";
    return JSON.stringify({
      seen: `The text that ${action.toLowerCase()} shows`,
      state: `known so far: ${action.toLowerCase()}`,
    });
  }
  return "good";
}
