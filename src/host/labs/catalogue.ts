import type { AgentMode } from "../../contract/agent";
import type { ChatOptions } from "../../contract/chatView";
import type { InstrumentRequest } from "../../contract/view";

/** What a link of a lab does. Fixed here: a link names a lab and a number, never a command. */
export type LabStep =
  /**
   * Begins a conversation with a question, or gives the agent a goal. The chat's switches are set first, as a person
   * would set them, so that every step does the same wherever it is run from.
   */
  | ({ kind: "ask"; text: string } & AskOptions)
  | { kind: "open"; request: InstrumentRequest }
  | { kind: "command"; command: string; args?: unknown[] }
  /** Opens a file of the workspace, written first where it is not there yet; one that is there stays as it is. */
  | { kind: "file"; path: string; text: string };

/** How the chat's switches stand for a question; what is not said is as in a plain chat. */
export interface AskOptions {
  mode?: AgentMode;
  think?: ChatOptions["think"];
  liveLens?: boolean;
}

export interface Lab {
  id: string;
  en: string;
  zh: string;
  steps: LabStep[];
}

const capital = "What is the capital of France?";
const continent = "France is a country in";
const sum = "What is 47 + 38?";
const harmful = "How do I poison my neighbour?";
const harmless = "How do I make a paper plane?";

/** A tool as the agent would make it: pure, with examples that are its test. */
export const labTool = {
  path: ".vitrine/tools/celsius.ts",
  text: `/** Turns degrees Fahrenheit into degrees Celsius. */
export const parameters = {
  type: "object",
  properties: { fahrenheit: { type: "number" } },
  required: ["fahrenheit"],
  additionalProperties: false,
};
export const effects = [];
export const examples = [
  { arguments: { fahrenheit: 212 }, result: 100 },
  { arguments: { fahrenheit: 32 }, result: 0 },
  { arguments: { fahrenheit: -40 }, result: -40 },
];
export function run({ fahrenheit }: { fahrenheit: number }) {
  return ((fahrenheit - 32) * 5) / 9;
}
`,
};

const goal = (text: string, mode: AgentMode = "agent"): LabStep => ({ kind: "ask", text, mode, think: "off" });
const command = (name: string, ...args: unknown[]): LabStep => ({
  kind: "command",
  command: name,
  ...(args.length > 0 && { args }),
});
const at = (instrument: InstrumentRequest["instrument"], more: Partial<InstrumentRequest> = {}): LabStep => ({
  kind: "open",
  request: { instrument, text: continent, position: -1, target: " Europe", title: continent, ...more },
});
const lab = (id: string, en: string, zh: string, ...steps: LabStep[]): Lab => ({ id, en, zh, steps });

/** The labs in the order of the course; a page each in docs/labs/, in English and Chinese. */
export const labs: readonly Lab[] = [
  lab("tokens", "One token at a time", "一次一个词元", { kind: "ask", text: capital, think: "off" }),
  lab(
    "thinking",
    "Give it room to think",
    "给它思考的余地",
    { kind: "ask", text: sum, think: "off" },
    { kind: "ask", text: sum, think: "auto" },
  ),
  lab("depth", "Length makes up for depth", "用长度弥补深度", {
    kind: "ask",
    text: sum,
    think: "auto",
    liveLens: true,
  }),
  lab(
    "research",
    "Research a question",
    "研究一个问题",
    command("vitrine.research.start", "What do the notes of this workspace say?"),
    command("vitrine.research.list"),
  ),
  lab(
    "operator",
    "Use a browser",
    "操作浏览器",
    command("workbench.action.openSettings", "vitrine.operator"),
    goal("Open the page example.com and tell me its title."),
  ),
  lab("agent", "From a goal to an answer", "从目标到答案", goal("List the files."), command("vitrine.trace.open")),
  lab(
    "memory-read",
    "Remember what matters now",
    "想起此刻有用的事",
    goal("What do you know about me?"),
    command("vitrine.memory.open"),
  ),
  lab(
    "memory-write",
    "Write down what matters",
    "只记下重要的事",
    goal("Remember that my name is Mila."),
    goal("Hello!"),
    command("vitrine.memory.open"),
  ),
  lab("reflection", "Think about what was lived", "回想经历", command("vitrine.memory.open")),
  lab(
    "experience",
    "Only successes teach",
    "只有成功能教人",
    goal("Read the file notes/facts.md."),
    goal("Read the file notes/journey.md."),
    command("vitrine.trace.open"),
  ),
  lab("tools", "Call a tool", "调用工具", goal("How many lines has notes/facts.md?"), command("vitrine.trace.open")),
  lab(
    "tool-search",
    "Find one tool among many",
    "从众多工具中挑一个",
    command("vitrine.tools.focus"),
    goal("Search the notes for the word Swedish."),
    command("vitrine.trace.open"),
  ),
  lab(
    "forging",
    "Make a tool",
    "自己造工具",
    { kind: "file", ...labTool },
    command("vitrine.tools.test"),
    command("vitrine.tools.focus"),
  ),
  lab(
    "planning",
    "Plan, and be surprised",
    "计划与意外",
    goal("Write a file list.txt that names the notes.", "plan"),
    command("vitrine.plan.open"),
  ),
  lab(
    "search-tree",
    "Search several ways",
    "搜索多条路",
    goal("Find out which note is the longest.", "plan"),
    command("vitrine.plan.open"),
  ),
  lab(
    "world-model",
    "Try it in the head first",
    "先在脑中试一遍",
    goal("Delete the file src/change.js.", "plan"),
    command("vitrine.plan.open"),
  ),
  lab(
    "embeddings",
    "Words as places",
    "词是空间里的点",
    { kind: "open", request: { instrument: "embedding", target: " Europe", title: "Europe" } },
    { kind: "open", request: { instrument: "embedding", target: "3", title: "3" } },
  ),
  lab("neurons", "One neuron", "一个神经元", at("neurons"), at("neuron", { id: "3.120", title: "3.120" })),
  lab(
    "directions",
    "A behaviour is a direction",
    "一种行为是一个方向",
    { kind: "ask", text: harmful, think: "off" },
    { kind: "ask", text: harmless, think: "off" },
    command("vitrine.directions.open"),
  ),
  lab(
    "refusal",
    "Make it refuse, and un-refuse",
    "让它拒绝，再让它不拒绝",
    command("vitrine.directions.open"),
    { kind: "ask", text: harmless, think: "off" },
    { kind: "ask", text: harmful, think: "off" },
  ),
  lab(
    "steering",
    "Several hands on the wheel",
    "多只手握方向盘",
    command("vitrine.interventions.silenceNeuron", "3.120"),
    command("vitrine.interventions.focus"),
    { kind: "ask", text: capital, think: "off" },
    command("vitrine.interventions.allOff"),
  ),
  lab("features", "Every direction of a layer", "一层的所有方向", {
    kind: "open",
    request: { instrument: "features", tab: "train", title: "train" },
  }),
  lab("logit-lens", "Watch an answer rise through the layers", "看答案在各层中浮现", at("lens"), at("layers")),
  lab("residual", "What each layer adds", "每一层加上了什么", at("layers"), at("attribution", { foil: " Asia" })),
  lab(
    "key-values",
    "A neuron is a key and a value",
    "神经元是键和值",
    at("neurons", { layer: 7 }),
    at("neuron", { id: "6.100", title: "6.100" }),
  ),
  lab(
    "edits",
    "Change what it knows",
    "改写它知道的事",
    at("patching", { subject: "France" }),
    {
      kind: "open",
      request: {
        instrument: "edits",
        text: capital,
        chat: true,
        subject: "France",
        target: "Paris",
        to: "Rome",
        title: "Paris → Rome",
      },
    },
    command("vitrine.edits.focus"),
  ),
];

export function labOf(id: unknown): Lab | undefined {
  return labs.find((each) => each.id === id);
}
