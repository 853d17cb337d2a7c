import type { ChatMessage, ToolSpec } from "../../src/contract/chat";
import { builtinTools } from "../../src/agent/prompts/builtinTools";
import { systemText } from "../../src/agent/prompts/system";
import { sumSample } from "./arithmetic";
import type { Draw } from "./draw";
import { questionSample } from "./facts";
import { recallSample } from "./memory";
import { refusalSample } from "./refusal";
import type { Sample } from "./sample";
import { talkSample } from "./talk";
import { anyUse, builtinUse, inventedUse, path, type Use } from "./toolKinds";

/** Tools that are on offer beside the right ones, with no name twice. */
function offer(draw: Draw, right: readonly ToolSpec[], count: number): ToolSpec[] {
  const tools = new Map(right.map((tool) => [tool.name, tool]));
  while (tools.size < count) {
    const tool = draw.chance(0.3) ? draw.pick(builtinTools) : anyUse(draw).tool;
    if (!tools.has(tool.name)) tools.set(tool.name, tool);
  }
  return draw.shuffle([...tools.values()]);
}

function system(draw: Draw): ChatMessage[] {
  const r = draw.next();
  if (r < 0.3) return [];
  if (r < 0.4) return [{ role: "system", content: systemText({ mode: "chat" }) }];
  const memories = draw.chance(0.1) ? [`The user's name is ${draw.Nonce()}.`] : [];
  return [{ role: "system", content: systemText({ mode: "agent", memories }) }];
}

function call(use: Use): ChatMessage {
  return { role: "assistant", content: "", toolCalls: [{ name: use.tool.name, arguments: use.args }] };
}

/** A request and the call; `offered` tools in all. A test reads the first call alone. */
export function callSample(draw: Draw, offered: number, use = anyUse(draw)): Sample {
  return {
    task: "tool-call",
    tools: offer(draw, [use.tool], offered),
    chat: [...system(draw), { role: "user", content: use.request }, call(use)],
    gold: { name: use.tool.name, arguments: use.args, offered },
  };
}

/** Several requests over one set of tools: calls, results, answers, and now and then a question that needs none. */
export function toolChatSample(draw: Draw, requests: number, most = 4): Sample {
  const uses = Array.from({ length: requests }, () => anyUse(draw)).filter(
    (use, i, all) => all.findIndex((other) => other.tool.name === use.tool.name) === i,
  );
  const tools = offer(
    draw,
    uses.map((use) => use.tool),
    Math.max(uses.length, draw.int(1, most)),
  );
  const chat = system(draw);
  for (const use of uses) {
    if (draw.chance(0.12)) chat.push(...noTool(draw));
    chat.push({ role: "user", content: use.request }, call(use));
    if (draw.chance(0.95))
      chat.push({ role: "tool", name: use.tool.name, content: use.result }, { role: "assistant", content: use.answer });
    else break;
  }
  return { task: "tool-chat", tools, chat };
}

function noTool(draw: Draw): ChatMessage[] {
  const sample = draw.pick([() => talkSample(draw), () => questionSample(draw, 1)])();
  return (sample.chat ?? []).filter((message) => message.role !== "system").slice(0, 2);
}

/** The tool's result has come; the answer rests on it. */
export function resultSample(draw: Draw): Sample {
  const use = anyUse(draw);
  return {
    task: "tool-result",
    tools: offer(draw, [use.tool], draw.int(1, 3)),
    chat: [
      ...system(draw),
      { role: "user", content: use.request },
      call(use),
      { role: "tool", name: use.tool.name, content: use.result },
      { role: "assistant", content: use.answer },
    ],
    gold: { answer: use.answer },
  };
}

/** Tools are on offer, but the question needs none. */
export function noToolSample(draw: Draw): Sample {
  const sample = draw.pick([
    () => talkSample(draw),
    () => questionSample(draw, 1),
    () => questionSample(draw, 1),
    () => sumSample(draw, true, draw.int(1, 3)),
    () => refusalSample(draw, draw.chance(0.5)),
    () => recallSample(draw),
  ])();
  const chat = (sample.chat ?? []).filter((message) => message.role !== "system");
  return {
    ...sample,
    task: "no-tool",
    tools: offer(draw, [], draw.int(1, 4)),
    chat: [...system(draw), ...chat],
    gold: { like: sample.task, ...(sample.gold as object) },
  };
}

/** A goal that takes two calls, the second resting on the first one's result. */
export function episodeSample(draw: Draw): Sample {
  const find = (name: string) => builtinTools.find((tool) => tool.name === name) as ToolSpec;
  const [from, to] = [path(draw), path(draw)];
  const text = `${draw.nonce()} ${draw.nonce()}`;
  const word = draw.nonce();
  const kind = draw.int(0, 2);
  const steps: [string, Record<string, string>, string][] =
    kind === 0
      ? [
          ["read_file", { path: from }, text],
          ["write_file", { path: to, content: text }, `Wrote ${to}.`],
        ]
      : kind === 1
        ? [
            ["search_files", { query: word }, `${from}:${draw.int(1, 80)}: ${word}`],
            ["read_file", { path: from }, `${word} ${text}`],
          ]
        : [
            ["write_file", { path: from, content: text }, `Wrote ${from}.`],
            ["run_command", { command: `cat ${from}` }, text],
          ];
  const request = [
    draw.form([
      `Copy ${from} to ${to}.`,
      `Make a copy of ${from} named ${to}.`,
      `Put the text of ${from} into ${to}.`,
      `Read ${from} and write it to ${to}.`,
      `Copy the text of ${from} to ${to}.`,
    ]),
    draw.form([
      `Find the file with ${word} and read it.`,
      `Which file has ${word}? Read it.`,
      `Look for ${word} and show me that file.`,
      `Search ${word} and read the file.`,
      `Read the file that has ${word} in it.`,
    ]),
    draw.form([
      `Write ${text} to ${from} and run cat ${from}.`,
      `Save ${text} in ${from}, then run cat ${from}.`,
      `Put ${text} into ${from} and run cat ${from}.`,
      `Create ${from} with ${text}, then run cat ${from}.`,
      `Write ${text} to ${from}, then run cat ${from}.`,
    ]),
  ][kind] as string;
  const answer = [`I copied ${from} to ${to}.`, `${from} says: ${word} ${text}`, `The command says: ${text}.`][
    kind
  ] as string;
  const chat: ChatMessage[] = [...system(draw), { role: "user", content: request }];
  for (const [name, args, result] of steps) {
    chat.push(
      { role: "assistant", content: "", toolCalls: [{ name, arguments: args }] },
      { role: "tool", name, content: result },
    );
  }
  chat.push({ role: "assistant", content: answer });
  return {
    task: "episode",
    tools: offer(
      draw,
      steps.map(([name]) => find(name)),
      draw.int(2, 5),
    ),
    chat,
  };
}

/** All of the agent's own tools on offer at once, as the product sends them, and some calls among them. */
export function fullSetSample(draw: Draw): Sample {
  const extra = Array.from({ length: draw.int(0, 3) }, () => inventedUse(draw));
  const tools = draw.chance(0.5)
    ? [...builtinTools, ...extra.map((use) => use.tool)]
    : draw.shuffle([...builtinTools, ...extra.map((use) => use.tool)]);
  const chat = system(draw);
  for (let i = 0; i < 6; i++) {
    const use = extra.length > 0 && draw.chance(0.3) ? draw.pick(extra) : builtinUse(draw);
    chat.push(
      { role: "user", content: use.request },
      call(use),
      { role: "tool", name: use.tool.name, content: use.result },
      { role: "assistant", content: use.answer },
    );
    if (draw.chance(0.2)) chat.push(...noTool(draw));
  }
  return { task: "full-set", tools, chat };
}
