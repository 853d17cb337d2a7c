import type { InstrumentRequest } from "../../contract/view";

/** What a link of a lab does. Fixed here: a link names a lab and a number, never a command. */
export type LabStep =
  /** Begins a conversation with a question. */
  | { kind: "ask"; text: string; thinking?: boolean }
  | { kind: "open"; request: InstrumentRequest }
  | { kind: "command"; command: string; args?: unknown[] };

export interface Lab {
  id: string;
  en: string;
  zh: string;
  steps: LabStep[];
}

const capital = "The capital of France is";

/** The labs in the order of the course; a page each in docs/labs/, in English and Chinese. */
export const labs: readonly Lab[] = [
  {
    id: "tokens",
    en: "One token at a time",
    zh: "一次一个词元",
    steps: [{ kind: "ask", text: "What is the capital of France?" }],
  },
  {
    id: "logit-lens",
    en: "Watch an answer rise through the layers",
    zh: "看答案在各层中浮现",
    steps: [
      { kind: "open", request: { instrument: "lens", text: capital, position: -1, target: " Paris", title: capital } },
      { kind: "open", request: { instrument: "layers", text: capital, position: -1, title: capital } },
    ],
  },
];

export function labOf(id: unknown): Lab | undefined {
  return labs.find((lab) => lab.id === id);
}
