import type { ChatState, RunningAnswer } from "../../src/contract/chatView";
import type { Conversation, ConversationNode } from "../../src/contract/conversation";
import type { ModelInfo } from "../../src/contract/model";
import type { Alternative, GeneratedToken, Token } from "../../src/contract/token";
import type { LensCell, TokenLens } from "../../src/contract/verbs";

/** A small reproducible source of numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const model: ModelInfo = {
  file: "/models/specimen.gguf",
  name: "Specimen",
  architecture: "llama",
  parameters: 5_720_000,
  layers: 7,
  embedding: 256,
  heads: 8,
  kvHeads: 8,
  neurons: 576,
  experts: 0,
  vocabulary: 3072,
  context: 512,
  trainedContext: 512,
  quantisation: "F16",
  size: 11_550_000,
  chatTemplate: "{{ messages }}",
  thinks: true,
  fingerprint: "f".repeat(64),
  llamaVersion: "b9000",
  devices: ["CPU"],
  threads: 1,
  sites: [
    "embed",
    "attn_out",
    "resid_mid",
    "mlp_post",
    "mlp_out",
    "resid_post",
    "z",
    "pattern",
    "final_norm",
    "logits",
  ],
  missingSites: [],
  metadata: { "vitrine.card": "specimen" },
};

const others = [
  " the",
  " a",
  " Paris",
  " London",
  " Rome",
  ",",
  ".",
  " city",
  " of",
  " is",
  "\n",
  " Lyon",
  " France",
  " not",
];

/** Splits a text into plausible tokens: words with the blank before them, punctuation alone. */
export function pieces(text: string): string[] {
  return text.match(/ ?[\p{L}\p{N}_]+|\s+|[^\s\p{L}\p{N}]/gu) ?? [];
}

export function idOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + character.codePointAt(0)!) % 3000;
  return hash;
}

export function generated(text: string, part: GeneratedToken["part"], random: () => number): GeneratedToken {
  const p = random() < 0.55 ? 0.9 + random() * 0.099 : 0.08 + random() * 0.8;
  const top: Alternative[] = [{ id: idOf(text), text, p }];
  let left = (1 - p) * 0.95;
  for (let i = 0; i < 4; i++) {
    const other = others[Math.floor(random() * others.length)]!;
    if (top.some((each) => each.text === other)) continue;
    const share = left * 0.6;
    left -= share;
    top.push({ id: idOf(other), text: other, p: share });
  }
  top.sort((a, b) => b.p - a.p);
  return { id: idOf(text), text, p, entropy: -Math.log(p) + random() * (1 - p), top, part };
}

export function reply(text: string, thought = "", seed = 1): GeneratedToken[] {
  const random = randomFrom(seed);
  const mark = (value: string): GeneratedToken => ({ ...generated(value, "mark", random), special: true });
  return [
    ...(thought === ""
      ? []
      : [mark("<think>"), ...pieces(thought).map((each) => generated(each, "thought", random)), mark("</think>")]),
    ...pieces(text).map((each) => generated(each, "answer", random)),
    mark("<|im_end|>"),
  ];
}

export const answerText = `The capital of France is **Paris**. It lies on the *Seine*, and about \`2.1\` million people live there.

- It has been the capital since 987.
- Its [official page](https://www.paris.fr) says more.

\`\`\`ts
const capital: string = lookUp("France");
console.log(capital); // Paris
\`\`\`

> A quotation, to see how it sits.

| City | People |
|------|-------:|
| Paris | 2.1 M |
| Lyon | 0.5 M |
`;

export function node(
  id: string,
  parent: string | null,
  role: "user" | "assistant",
  text: string,
  more: Partial<ConversationNode> = {},
): ConversationNode {
  return { id, parent, role, text, created: "2026-01-05T10:00:00.000Z", ...more };
}

export function conversation(nodes: ConversationNode[], leaf: string | null): Conversation {
  const title = nodes.length > 0 ? "The capital of France" : "";
  return {
    version: 1,
    id: "c1",
    title,
    created: "2026-01-05T10:00:00.000Z",
    updated: "2026-01-05T10:05:00.000Z",
    nodes,
    leaf,
  };
}

export const thoughtText =
  "The user asks about France. Its capital is Paris; I can add the river and the number of people.";

/** A question with two versions, an answer with three, one of them a branch. */
export function fullConversation(): Conversation {
  const timings = { promptTokens: 24, reusedTokens: 0, promptMs: 12, tokens: 150, generateMs: 2400 };
  const by = { name: "Specimen", fingerprint: model.fingerprint };
  return conversation(
    [
      node("q1", null, "user", "What is the capital of France?"),
      node("a1", "q1", "assistant", "Paris.", { tokens: reply("Paris."), stop: "eos", timings, model: by }),
      node("a2", "q1", "assistant", answerText, {
        thought: thoughtText,
        tokens: reply(answerText, thoughtText),
        stop: "eos",
        timings,
        model: by,
        rating: "up",
      }),
      node("a3", "q1", "assistant", "The city of Lyon is not it.", {
        tokens: reply("The city of Lyon is not it.", "", 5),
        stop: "eos",
        timings,
        model: by,
        altered: true,
        branch: { node: "a2", token: 3 },
      }),
      node("q2", "a2", "user", "And of Italy?\nOne word, please."),
      node("a4", "q2", "assistant", "Rome.", { tokens: reply("Rome.", "", 3), stop: "eos", timings, model: by }),
    ],
    "a4",
  );
}

export function chatState(change: Partial<ChatState> = {}): ChatState {
  return {
    engine: { kind: "ready" },
    model,
    conversation: conversation([], null),
    conversations: [
      { id: "c1", title: "The capital of France", updated: "2026-01-05T10:05:00.000Z", turns: 4 },
      { id: "c2", title: "Adding numbers in one's head", updated: "2026-01-04T09:00:00.000Z", turns: 2 },
    ],
    options: { mode: "chat", confidence: false, liveLens: false, think: "auto", temperature: 0.7, system: "" },
    context: { used: 0, size: 512 },
    running: null,
    interventions: [],
    trusted: true,
    pendingMemories: [],
    ...change,
  };
}

/** A lens cell that grows surer of `text` with depth. */
export function lensCell(text: string, depth: number, random: () => number): LensCell {
  const sure = Math.min(0.99, Math.max(0.02, depth ** 2 * (0.6 + random() * 0.4)));
  const own = random() < sure + 0.1;
  const first = own ? text : others[Math.floor(random() * others.length)]!;
  const second = own ? others[Math.floor(random() * others.length)]! : text;
  return {
    top: [
      { id: idOf(first), text: first, p: sure },
      { id: idOf(second), text: second, p: (1 - sure) * 0.4 },
      { id: idOf(" the"), text: " the", p: (1 - sure) * 0.2 },
    ],
    entropy: (1 - sure) * 7,
    kl: (1 - depth) * 6 * random(),
    p: own ? sure : (1 - sure) * 0.4,
    rank: own ? 0 : 1 + Math.floor(random() * 200 * (1 - depth)),
  };
}

export function tokenLens(tokens: readonly Token[], layers: number): TokenLens[] {
  const random = randomFrom(11);
  const rows = [
    { site: "embed" as const },
    ...Array.from({ length: layers }, (_, layer) => ({ site: "resid_post" as const, layer })),
  ];
  return tokens.map(({ text }) => ({ rows, cells: rows.map((_, i) => lensCell(text, i / layers, random)) }));
}

export function running(
  text: string,
  thought: string,
  phase: RunningAnswer["phase"],
  change: Partial<RunningAnswer> = {},
): RunningAnswer {
  const tokens = reply(text, thought).slice(0, -1);
  return {
    node: "run",
    parent: "q1",
    phase,
    promptFraction: 1,
    text,
    thought,
    tokens,
    tokensPerSecond: 62.4,
    ...change,
  };
}
