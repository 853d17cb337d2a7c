/** What the agent may do in a browser. References are those of the latest snapshot. */
export type BrowserAction =
  | { kind: "open"; url: string }
  | { kind: "look" }
  | { kind: "click"; ref: string }
  | { kind: "type"; ref: string; text: string; submit: boolean }
  | { kind: "select"; ref: string; value: string }
  | { kind: "scroll"; direction: "up" | "down"; ref?: string }
  | { kind: "back" }
  | { kind: "wait"; text?: string; seconds: number }
  | { kind: "download"; ref: string }
  | { kind: "dialog"; accept: boolean; text?: string }
  | { kind: "tab"; number: number; close: boolean };

/** A page as the agent sees it. Every word of it is the page's: data, never an instruction. */
export interface PageLook {
  url: string;
  title: string;
  /** Accessibility snapshot with `[ref=…]`. */
  snapshot: string;
  /** A dialog that holds the page until it is answered. */
  dialog?: { type: string; message: string };
  /** Every open page, the one looked at marked. */
  tabs: { number: number; url: string; title: string; current: boolean }[];
}

/** What an element is and would do, read from the page itself when it is asked for. */
export interface ElementInfo {
  tag: string;
  type: string;
  role: string;
  name: string;
  /** Address of a link. */
  href?: string;
  /** Origin of the frame it is in, when that is not the page's. */
  frame?: string;
  /** The form it belongs to: how and where it is sent, and what is written on its buttons. */
  form?: { method: string; action: string; text: string };
  /** A click on it sends that form. */
  submits: boolean;
  password: boolean;
  editable: boolean;
}

/** What happened while an action was done, apart from what was asked for. */
export interface Happened {
  /** Dialogs, pop-ups, refused places, downloads, pages that do not load: sentences. */
  events: string[];
  saved?: { path: string; bytes: number };
}

/** A browser as the operator drives it. Methods fail with typed errors and never wait for ever. */
export interface OperatorBrowser {
  readonly headless: boolean;
  readonly view: { width: number; height: number };
  perform(action: BrowserAction, signal: AbortSignal): Promise<Happened>;
  look(): Promise<PageLook>;
  /** Fails with `badArgument` when the reference is not of the latest snapshot. */
  describe(ref: string): Promise<ElementInfo>;
  /** JPEG, base64; undefined where none can be taken. */
  picture(): Promise<string | undefined>;
  /** The person's own hand, through the picture. */
  pointer(x: number, y: number): Promise<void>;
  typeText(text: string): Promise<void>;
  key(key: string): Promise<void>;
  onClosed(listener: () => void): void;
  close(): Promise<void>;
}
