import type { Method } from "./method";
import type { CommonViewMethods } from "./view";

/** Who drives the browser: the agent, nobody while it is paused, or the person who took over. */
export type OperatorHold = "agent" | "paused" | "person";

/** One thing that was done in the browser, and what was seen after it. */
export interface OperatorStep {
  n: number;
  /** ISO 8601. */
  at: string;
  /** The action in words, as it was approved. */
  action: string;
  by: "agent" | "person";
  /** What the agent said it would see. */
  expect?: string;
  ok: boolean;
  url: string;
  title: string;
  /** Accessibility snapshot with references, cut. Text of a page: data. */
  snapshot: string;
  /** What came that nobody expected. */
  surprise?: string;
  /** JPEG, base64. */
  picture?: string;
}

/** The whole of what the live view shows. Event `state`. */
export interface OperatorState {
  open: boolean;
  /** No window of the browser can be seen: the person works through the picture. */
  headless: boolean;
  hold: OperatorHold;
  /** What is being done now. */
  busy: string | null;
  url: string;
  title: string;
  /** Pixels of the page's view. */
  width: number;
  height: number;
  steps: OperatorStep[];
}

export type OperatorViewMethods = CommonViewMethods & {
  pause: Method<object, null>;
  goOn: Method<object, null>;
  takeOver: Method<object, null>;
  giveBack: Method<object, null>;
  closeBrowser: Method<object, null>;
  /** A click of the person who has taken over, in pixels of the page's view. */
  pointer: Method<{ x: number; y: number }, null>;
  /** Text that the person types. */
  typeText: Method<{ text: string }, null>;
  key: Method<{ key: OperatorKey }, null>;
  /** What a step looked like: JPEG, base64; null where it was not kept. A state holds the picture of the last step only. */
  picture: Method<{ n: number }, { picture: string | null }>;
  /** Ends the answer that is driving the browser, and closes it. */
  stop: Method<object, null>;
};

export const operatorKeys = [
  "Enter",
  "Tab",
  "Escape",
  "Backspace",
  "ArrowUp",
  "ArrowDown",
  "PageUp",
  "PageDown",
] as const;
export type OperatorKey = (typeof operatorKeys)[number];

export interface OperatorViewEvents {
  state: OperatorState;
}
