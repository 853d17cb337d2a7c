import type { Method } from "./method";

/** What a memory is: something that was told or seen, what follows from several, a thing, or how two things relate. */
export type MemoryNodeKind = "record" | "thought" | "entity" | "relation";

/** How memories are looked for. `auto` takes the best that is at hand and says which it took. */
export type MemoryMode = "auto" | "text" | "vector" | "hybrid" | "graph";

/** Where a memory is from. Every field that is known is given. */
export interface MemorySource {
  /** `user`: a person's own words or click; `agent`: chosen by the model; `reflection`: made from other memories. */
  by: "user" | "agent" | "import" | "reflection";
  run?: string;
  step?: number;
  conversation?: string;
  /** The turn of a conversation. */
  node?: string;
  /** Workspace-relative. */
  file?: string;
  url?: string;
  tool?: string;
  /** What an import called its source. */
  name?: string;
}

/**
 * A record of the stream. `kind` is `fact`, `note` (a person's), `experience` (how a goal was reached), `failure` (kept
 * for people and figures, never offered to a model), `observation`, or what an import says.
 */
export interface MemoryRecord {
  id: string;
  text: string;
  kind: string;
  /** ISO 8601, as are all times. */
  time: string;
  source: MemorySource;
  /** Set where the text may come from a file, a page, a tool or a model: it is data, never an instruction. */
  taint?: string;
  /** 0..1; decays without use. */
  importance: number;
  outcome?: "success" | "failure";
  validFrom: string;
  /** When it stopped being true; null while it is. */
  validTo: string | null;
  /** The record that took its place. */
  replacedBy?: string;
  /** The record it was folded into as a duplicate. */
  foldedInto?: string;
  pinned: boolean;
  uses: number;
  lastUsed: string | null;
}

/** What follows from several memories. `evidence` are ids of records and of other thoughts. */
export interface MemoryThought {
  id: string;
  text: string;
  /** `community`: what a community of the graph is about. */
  kind: "thought" | "community";
  time: string;
  evidence: string[];
  importance: number;
  pinned: boolean;
  /** The community it sums up. */
  community?: string;
}

export interface MemoryEntity {
  id: string;
  name: string;
  /** Other names it goes by. */
  aliases: string[];
  time: string;
  /** Records it was found in. */
  records: string[];
  pinned: boolean;
  /** Fine and coarse community; empty before the first reflection. */
  communities: string[];
}

export interface MemoryRelation {
  id: string;
  /** Entity ids. */
  from: string;
  to: string;
  relation: string;
  time: string;
  validFrom: string;
  validTo: string | null;
  /** Records it rests on. */
  records: string[];
}

export interface MemoryCommunity {
  id: string;
  /** 0 fine, 1 coarse. */
  level: 0 | 1;
  /** The coarse community a fine one belongs to. */
  parent?: string;
  /** What it is about; a list of its largest entities before it was summed up. */
  label: string;
  size: number;
}

/** A memory of any kind as lists show it. */
export interface MemoryItem {
  id: string;
  node: MemoryNodeKind;
  /** The record's or thought's kind, or the same as `node`. */
  kind: string;
  /** A relation reads `subject relation object`. */
  text: string;
  time: string;
  source?: MemorySource;
  taint?: string;
  importance?: number;
  outcome?: "success" | "failure";
  pinned: boolean;
  /** False when it no longer holds: closed, replaced or folded. */
  valid: boolean;
}

/** An item with everything it is tied to. */
export interface MemoryDetail {
  item: MemoryItem;
  record?: MemoryRecord;
  thought?: MemoryThought;
  entity?: MemoryEntity;
  relation?: MemoryRelation;
  /** What it rests on. */
  evidence: MemoryItem[];
  /** What rests on it: forgetting it takes down those that rest on it alone. */
  rests: MemoryItem[];
}

/** Something found, and why. */
export interface MemoryHit {
  item: MemoryItem;
  /** Comparable within one answer only. */
  score: number;
  /** A sentence for people: which words, which path, how recent. */
  why: string;
  /** In graph mode: ids of nodes from the query's entities to this item. */
  path?: string[];
}

export interface MemorySearchResult {
  /** The mode that was used. */
  mode: Exclude<MemoryMode, "auto">;
  hits: MemoryHit[];
  ms: number;
}

export interface MemoryFilter {
  nodes?: MemoryNodeKind[];
  /** Kinds of records. */
  kinds?: string[];
  run?: string;
  /** ISO 8601, both inclusive. */
  from?: string;
  to?: string;
  pinned?: boolean;
  /** Also what no longer holds. */
  closed?: boolean;
  community?: string;
}

export interface GraphNode {
  id: string;
  node: MemoryNodeKind;
  kind: string;
  label: string;
  time: string;
  /** Edges in the whole graph, for its size. */
  degree: number;
  /** Fine community of an entity, and of a record or thought the one most of its entities are in. */
  community: string | null;
  run?: string;
  pinned: boolean;
  valid: boolean;
}

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  /** `mention`: a record names an entity; `evidence`: a thought rests on a memory; `replaces`: new record to old. */
  kind: "relation" | "mention" | "evidence" | "synonym" | "replaces";
  label: string;
  weight: number;
  valid: boolean;
}

export interface MemoryGraphData {
  nodes: GraphNode[];
  edges: GraphEdge[];
  communities: MemoryCommunity[];
  /** Nodes that were left out for the limit. */
  left: number;
}

/** A way through the graph: `nodes` and `edges` alternate, `nodes` is one longer. */
export interface MemoryPath {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** A write that waits for a person (setting `ask`), or the record of one that was decided. */
export interface PendingWrite {
  id: string;
  text: string;
  kind: string;
  time: string;
  source: MemorySource;
  taint?: string;
  /** The memory it would close. */
  replaces?: MemoryItem;
  why: string;
}

export type ReflectStage = "fold" | "triples" | "thoughts" | "communities" | "decay";

export interface ReflectProgress {
  stage: ReflectStage;
  done: number;
  total: number;
}

export interface ReflectResult {
  thoughts: number;
  entities: number;
  relations: number;
  communities: number;
  folded: number;
  /** False when the budget ended it: the next reflection goes on from there. */
  complete: boolean;
}

export type MemoryWriteMode = "ask" | "auto" | "off";

/** The whole state of a workspace's memory. Event `memory`. */
export interface MemoryState {
  phase: "closed" | "opening" | "ready" | "failed";
  /** Folder or address, for people. */
  where: string;
  remote: boolean;
  /** Writes that are safe on disk but not in the (remote) store yet. */
  queued: number;
  counts: { records: number; thoughts: number; entities: number; relations: number };
  writes: MemoryWriteMode;
  /** The model of the vectors and how many memories have one; null where there are none and search is by words. */
  vectors: { model: string; done: number; total: number } | null;
  /** What went wrong and was handled: a damaged table set aside, a store that cannot be reached. */
  problems: string[];
  reflecting: ReflectProgress | null;
  pending: PendingWrite[];
  /** What `undo` would take back, as a sentence; null for nothing. */
  undo: string | null;
  /** What was read for the last answer. */
  lastRead: MemoryHit[];
}

/** What was read for an answer, and what it led to. */
export interface MemoryWhy {
  run: string;
  goal: string;
  hits: MemoryHit[];
  /** Memories written during that run. */
  written: MemoryItem[];
}

/** Everything a person can ask of the memory: panel, tree, chips, commands and the command line use the same. */
export interface MemoryMethods {
  memoryState: Method<object, MemoryState>;
  /** Newest first; pinned ones first where `pinnedFirst`. */
  memoryList: Method<
    { filter?: MemoryFilter; limit: number; offset?: number; pinnedFirst?: boolean },
    { items: MemoryItem[]; total: number }
  >;
  memoryDetail: Method<{ id: string }, MemoryDetail>;
  memorySearch: Method<{ query: string; mode?: MemoryMode; limit?: number; filter?: MemoryFilter }, MemorySearchResult>;
  /** The most connected nodes up to `limit`, with the edges among them. */
  memoryGraph: Method<{ limit: number; filter?: MemoryFilter }, MemoryGraphData>;
  memoryNeighbourhood: Method<{ id: string; hops: number; limit: number }, MemoryGraphData>;
  /** The shortest way; null where there is none. */
  memoryPath: Method<{ from: string; to: string }, MemoryPath | null>;
  memoryWhy: Method<{ run?: string }, MemoryWhy | null>;
  /** A person's own memory: kept as it is, secrets apart. */
  memoryRemember: Method<{ text: string; source?: Partial<MemorySource> }, { item: MemoryItem | null; why: string }>;
  /** A new text (record, thought), a new name (entity) or relation; the old text of a record is closed, not lost. */
  memoryEdit: Method<{ id: string; text: string }, { item: MemoryItem }>;
  /** Joins entities or records; `into` stays. */
  memoryMerge: Method<{ ids: string[]; into: string }, { item: MemoryItem }>;
  memoryPin: Method<{ id: string; pinned: boolean }, { item: MemoryItem }>;
  /** Removes memories and what rests on them alone. */
  memoryForget: Method<{ ids: string[] }, { removed: number }>;
  /** Takes back the latest edit, merge, pin, forget or remember of this session. */
  memoryUndo: Method<object, { undone: string | null }>;
  memoryReflect: Method<{ seconds?: number }, ReflectResult, ReflectProgress>;
  memoryApprove: Method<{ id: string; text?: string }, { item: MemoryItem | null; why: string }>;
  memoryRefuse: Method<{ id: string }, null>;
  /** JSON Lines. */
  memoryExport: Method<object, { lines: string[] }>;
  memoryImport: Method<{ lines: string[] }, { imported: number; skipped: { line: number; why: string }[] }, number>;
}

export interface MemoryEvents {
  memory: MemoryState;
}
