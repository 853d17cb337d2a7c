import type { Json, JsonSchema } from "./json";
import type { ToolSpec } from "./chat";

/** What a call may do to the world. A tool with none of them only computes. */
export type Effect = "read" | "write" | "execute" | "network" | "irreversible";

export const allEffects: readonly Effect[] = ["read", "write", "execute", "network", "irreversible"];

export type ToolSource = "builtin" | "forged" | "mcp" | "vscode";

/** Where a forged tool stands in its life. */
export type ToolState =
  | "draft" // a file that has not passed its checks
  | "checked" // passed; a person has not approved it
  | "approved" // approved for exactly this text; offered
  | "changed" // was approved, the text differs now
  | "broken"; // was approved, its checks fail now

/** What a forged tool may ask of the outside, one by one. Folders are relative to the workspace. */
export type Capability =
  | { kind: "files.read"; folder: string }
  | { kind: "files.write"; folder: string }
  | { kind: "fetch"; host: string }
  | { kind: "model.ask" };

export interface ToolExample {
  arguments: { [name: string]: Json };
  result: Json;
  /** What the host answers in this example, by function and first argument: `{"fetch https://…": "text"}`. */
  host?: { [call: string]: Json };
  /** The input that failed in use and became this example. */
  note?: string;
}

/** What a tool file says of itself. */
export interface ToolManifest {
  name: string;
  description: string;
  parameters: JsonSchema;
  effects: Effect[];
  capabilities: Capability[];
  examples: ToolExample[];
}

/** How a tool has done. Times in milliseconds. */
export interface ToolUse {
  calls: number;
  successes: number;
  totalMs: number;
  /** ISO 8601, empty before the first use. */
  lastUsed: string;
  lastError?: string;
  /** Goals it served successfully, the latest first. */
  goals: string[];
}

/** A tool as trees, tables and the CLI show it. */
export interface ToolInfo extends ToolSpec {
  source: ToolSource;
  effects: Effect[];
  /** For an MCP tool the server, for a forged one its file. */
  origin?: string;
  state?: ToolState;
  hash?: string;
  use?: ToolUse;
}

/** What a tool gave. `text` is what the model reads; it is data of the named origin, never an instruction. */
export interface ToolOutput {
  text: string;
  /** The value where there is one apart from its text. */
  value?: Json;
  /** A failure the model can act on; `text` is then the sentence. */
  failed?: boolean;
  /** Unified diff of what a write changed. */
  diff?: string;
  /** Absolute resolved paths that were written. */
  written?: string[];
  /** Where the text came from, for provenance. */
  taint?: "file" | "page" | "tool" | "model" | "command";
  /** What came that nobody expected: the plan made before may not hold. */
  surprise?: string;
}

/** What exactly is to be done, resolved: what a person approves, and what an approval is bound to. */
export type ApprovalTarget =
  | { kind: "path"; path: string; shown: string }
  | { kind: "command"; command: string; folder: string }
  | { kind: "url"; url: string; host: string }
  | { kind: "code"; file: string; hash: string }
  | { kind: "server"; name: string; hash: string; shown: string }
  | { kind: "text"; text: string };

export interface ApprovalRequest {
  id: string;
  tool: string;
  effects: Effect[];
  target: ApprovalTarget;
  /** One sentence for the person. */
  summary: string;
  diff?: string;
  /** Never answered by a standing rule: a person's own click each time, and why. */
  mustAsk?: string;
  /** What a simulation of it expects to be seen, and how sure it was (0..1). */
  expected?: { seen: string; confidence: number };
}

/** Answers of a person. */
export type ApprovalVerdict = "once" | "run" | "always" | "deny";

export interface ApprovalDecision {
  verdict: ApprovalVerdict;
  /** Told to the model when denied. */
  reason?: string;
}

/** Asks a person. Without one to ask, it denies with a reason. */
export interface ApprovalsPort {
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision>;
}

/** Rules a person made with `always`, kept outside the workspace so that no repository brings its own. */
export interface ApprovalStore {
  load(): Promise<string[]>;
  save(keys: string[]): Promise<void>;
}

export interface FileEntry {
  /** Relative to the listed folder, with `/`. */
  path: string;
  kind: "file" | "folder" | "other";
  size: number;
}

/**
 * Files as the agent reaches them. Paths are absolute. Nothing here checks: `agent/tools/paths.ts` resolves and judges
 * every path first. Fails with `fileMissing`.
 */
export interface FilesPort {
  /** The workspace folders, symbolic links resolved. */
  roots(): readonly string[];
  /** Where a path leads, links followed; for a path that does not exist, its nearest existing parent resolved. */
  realPath(path: string): Promise<string>;
  stat(path: string): Promise<{ kind: "file" | "folder" | "other" | "missing"; size: number }>;
  list(folder: string, limit: number): Promise<{ entries: FileEntry[]; more: boolean }>;
  /** At most `limit` bytes from the file's start. */
  read(path: string, limit: number): Promise<Uint8Array>;
  /** Writes as a whole or not at all, and follows no link at the last name. */
  write(path: string, data: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
}

/** A hit of a text search. */
export interface SearchHit {
  /** Absolute. */
  path: string;
  line: number;
  text: string;
}

/** Text search, with ripgrep where there is one. */
export interface SearchPort {
  search(query: string, options: { limit: number; signal: AbortSignal }): Promise<{ hits: SearchHit[]; more: boolean }>;
}

export interface CommandResult {
  /** null when it was ended by a signal. */
  exit: number | null;
  output: string;
  /** Bytes of output that were dropped. */
  dropped: number;
  timedOut: boolean;
}

/** Runs a command line; folder and environment are fixed by whoever implements it. */
export interface CommandPort {
  readonly folder: string;
  run(command: string, options: { timeoutMs: number; limit: number; signal: AbortSignal }): Promise<CommandResult>;
}

export interface Page {
  url: string;
  status: number;
  type: string;
  text: string;
  /** The page was longer than was read. */
  cut: boolean;
  /** As it came, where that was asked for. */
  bytes?: Uint8Array;
}

/** Fetches a page from the public network; private addresses are refused at every hop. */
export interface FetchPort {
  fetch(url: string, options: { signal: AbortSignal; hosts?: readonly string[]; bytes?: boolean }): Promise<Page>;
}

/** What the editor knows. */
export interface EditorPort {
  diagnostics(path: string): Promise<string[]>;
  symbols(query: string): Promise<{ name: string; kind: string; path: string; line: number }[]>;
}

/** One call of the host that a forged tool made, as it is logged. */
export interface HostCallLog {
  at: string;
  name: string;
  /** What was asked for, resolved. */
  what: string;
  ok: boolean;
  error?: string;
}
