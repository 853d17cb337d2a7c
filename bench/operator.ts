/**
 * Thirty small tasks in a real browser with scripted brains, on pages of our own served on the loopback interface:
 *   node scripts/ts.mjs bench/operator.ts [--only ID]
 * - tasks done, as their own pages judge them, and steps done as asked;
 * - surprises (dialogs, pop-ups, a dialog that the page draws, a refused site) that led to a new plan.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { openAgent } from "../src/agent/node/openAgent";
import { Operator } from "../src/agent/operator/operator";
import { launchBrowser } from "../src/agent/operator/playwright/launch";
import { Sites } from "../src/agent/operator/sites";
import { browserTools } from "../src/agent/operator/tools";
import type { AgentEvent } from "../src/contract/agent";
import { TaskBrain } from "./operator/brain";
import { tasks, type Task } from "./operator/pages";
import { report, type Figure } from "./lib/report";

interface Outcome {
  done: boolean;
  steps: number;
  asAsked: number;
  surprised: boolean;
  planned: boolean;
}

const reports: { at: string; ok: boolean }[] = [];
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://x");
  if (url.pathname === "/done") {
    reports.push({ at: url.searchParams.get("at") ?? "", ok: url.searchParams.get("ok") === "1" });
    return void response.end();
  }
  const [, id = "", name = ""] = url.pathname.split("/");
  const task = tasks.find((each) => each.id === id);
  const html = name === "" ? task?.html : task?.more?.[name];
  response.writeHead(html === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" }).end(html ?? "");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : undefined;
const folder = mkdtempSync(path.join(tmpdir(), "vitrine-operator-"));
const operator = new Operator({
  sites: new Sites([host]),
  launch: (sites) =>
    launchBrowser(
      { profile: path.join(folder, "profile"), headless: true, downloads: path.join(folder, "downloads") },
      sites,
    ),
});
const outcomes = new Map<string, Outcome>();
try {
  for (const task of tasks.filter(({ id }) => only === undefined || id === only))
    outcomes.set(task.id, await run(task));
} finally {
  await operator.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(task: Task): Promise<Outcome> {
  const brain = new TaskBrain(task, `http://${host}/${task.id}/`);
  const agent = await openAgent(
    {
      folders: [folder],
      storage: path.join(folder, "storage"),
      brain,
      sandbox: { call: () => Promise.reject(new Error("nothing is forged here")), restart: () => Promise.resolve() },
      ask: { ask: () => Promise.resolve({ verdict: "once" }) },
      policy: "all",
      trusted: true,
      tools: browserTools(operator),
    },
    new AbortController().signal,
  );
  const events: AgentEvent[] = [];
  const begun = reports.length;
  const goal =
    "Use the browser: open the page, click, type, select, scroll, wait, go back, answer the dialog, close the tab.";
  const agentRun = agent.run({ goal, mode: "agent", budget: { steps: 16 } });
  agentRun.onEvent((event) => events.push(event));
  await agentRun.start();
  // The page's word travels over the network as well.
  for (let i = 0; i < 40 && reports.length === begun; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  const told = reports.slice(begun);
  const results = events.filter((event) => event.type === "result");
  const surprise = events.findIndex((event) => event.type === "surprise");
  const outcome: Outcome = {
    done: told.length > 0 && told.every(({ ok, at }) => ok && at.startsWith(`/${task.id}/`)),
    steps: brain.asked,
    asAsked: results.filter((event) => event.type === "result" && event.ok).length,
    surprised: surprise >= 0,
    planned: surprise >= 0 && events.slice(surprise).some((event) => event.type === "plan"),
  };
  const right = outcome.done && outcome.steps === outcome.asAsked && outcome.surprised === (task.surprises === true);
  if (!right) {
    console.error(task.id, JSON.stringify(outcome));
    for (const event of events) {
      if (event.type === "result" || event.type === "surprise" || event.type === "error")
        console.error(JSON.stringify(event).slice(0, 600));
    }
  }
  return outcome;
}

const all = [...outcomes];
const surprising = all.filter(([id]) => tasks.find((task) => task.id === id)?.surprises);
const share = (count: number, of: number): number => (of === 0 ? 1 : count / of);
const full = { value: 1, atLeast: true };
const steps = all.reduce((sum, [, { steps: count }]) => sum + count, 0);
const figures: Figure[] = [
  {
    name: "tasks done",
    value: share(all.filter(([, { done }]) => done).length, all.length),
    unit: "",
    target: full,
    note: `of ${all.length}`,
  },
  {
    name: "steps done as asked",
    value: share(
      all.reduce((sum, [, { asAsked }]) => sum + asAsked, 0),
      steps,
    ),
    unit: "",
    target: full,
    note: `of ${steps}`,
  },
  {
    name: "surprises that led to a new plan",
    value: share(surprising.filter(([, { surprised, planned }]) => surprised && planned).length, surprising.length),
    unit: "",
    target: full,
    note: `of ${surprising.length}`,
  },
  {
    name: "surprises where all is as expected",
    value: all.filter(([id, { surprised }]) => surprised && !surprising.some(([other]) => other === id)).length,
    unit: "",
    target: { value: 0, atLeast: false },
  },
];
report("operator", figures);
process.exit(
  figures.every(({ value, target }) => !target || (target.atLeast ? value >= target.value : value <= target.value))
    ? 0
    : 1,
);
