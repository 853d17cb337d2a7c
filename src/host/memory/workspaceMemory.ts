import * as vscode from "vscode";
import type { MemoryPort } from "../../contract/agent";
import type { MemoryMethods, MemoryState } from "../../contract/memory";
import type { CallOptions, Handlers, ParamsOf, ProgressOf, ResultOf } from "../../contract/method";
import type { MemoryDoor } from "./door";

/** A memory that has been opened: what a person may ask of it, and what the agent may. */
export interface OpenMemory {
  methods: Handlers<MemoryMethods>;
  agent: MemoryPort;
  state(): MemoryState;
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export const closedMemory: MemoryState = {
  phase: "closed",
  where: "",
  remote: false,
  queued: 0,
  counts: { records: 0, thoughts: 0, entities: 0, relations: 0 },
  writes: "auto",
  vectors: null,
  problems: [],
  reflecting: null,
  pending: [],
  undo: null,
  lastRead: [],
};

/** The memory of the folder that is open, opened when it is first asked and again when it could not be. */
export class WorkspaceMemory implements MemoryDoor, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private current: OpenMemory | undefined;
  private opening: { key: string; memory: Promise<OpenMemory> } | undefined;
  private silence: (() => void) | undefined;

  constructor(
    /** Names the place; fails with `notAllowed` where nothing may be remembered. */
    private readonly key: () => string,
    private readonly open: () => Promise<OpenMemory>,
  ) {}

  get state(): MemoryState {
    return this.current?.state() ?? closedMemory;
  }

  async call<K extends keyof MemoryMethods & string>(
    method: K,
    params: ParamsOf<MemoryMethods, K>,
    options: CallOptions<ProgressOf<MemoryMethods, K>> = {},
  ): Promise<ResultOf<MemoryMethods, K>> {
    const { methods } = await this.opened();
    return methods[method](params, {
      signal: options.signal ?? new AbortController().signal,
      progress: (value) => options.onProgress?.(value),
    });
  }

  /** As the agent asks it. */
  async agent(): Promise<MemoryPort> {
    return (await this.opened()).agent;
  }

  /** Has everything on disk. What is asked later opens it again. */
  async close(): Promise<void> {
    const { opening } = this;
    this.forget();
    await (await opening?.memory)?.close();
  }

  dispose(): void {
    this.forget();
    this.changed.dispose();
  }

  private forget(): void {
    this.silence?.();
    this.silence = undefined;
    this.current = undefined;
    this.opening = undefined;
  }

  private async opened(): Promise<OpenMemory> {
    const key = this.key();
    if (this.opening && this.opening.key !== key) await this.close();
    const opening = (this.opening ??= { key, memory: this.open() });
    try {
      const memory = await opening.memory;
      if (this.opening === opening && this.current !== memory) {
        this.current = memory;
        this.silence = memory.onChange(() => this.changed.fire());
        this.changed.fire();
      }
      return memory;
    } catch (thrown) {
      if (this.opening === opening) this.opening = undefined;
      throw thrown;
    }
  }
}
