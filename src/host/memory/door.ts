import type * as vscode from "vscode";
import type { MemoryMethods, MemoryState } from "../../contract/memory";
import type { Caller } from "../../contract/method";

/** The workspace's memory as the editor's surfaces reach it. It opens at the first call; no model is loaded for looking. */
export interface MemoryDoor extends Caller<MemoryMethods> {
  /** As it was last told; `closed` before the first call. */
  readonly state: MemoryState;
  readonly onDidChange: vscode.Event<void>;
}
