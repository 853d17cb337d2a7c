import * as vscode from "vscode";

/** Words that `when` clauses of package.json look for. */
export interface ContextKeys {
  "vitrine.modelLoaded": boolean;
  "vitrine.loading": boolean;
  "vitrine.answering": boolean;
  "vitrine.surprisalOn": boolean;
  // Steps of the walkthrough that were done.
  "vitrine.asked": boolean;
  "vitrine.branched": boolean;
  "vitrine.lensOpened": boolean;
}

const last = new Map<string, unknown>();

/** Sets a key; one that has the value already costs nothing. */
export function setContext<K extends keyof ContextKeys>(key: K, value: ContextKeys[K]): void {
  if (last.get(key) === value) return;
  last.set(key, value);
  void vscode.commands.executeCommand("setContext", key, value);
}

/** Says again what is true: a walkthrough that is read in late has missed it, and only hears changes. */
export function repeatContext(): void {
  for (const [key, value] of last) {
    if (value !== true) continue;
    void vscode.commands.executeCommand("setContext", key, false);
    void vscode.commands.executeCommand("setContext", key, true);
  }
}
