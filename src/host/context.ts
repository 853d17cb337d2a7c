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

/** How long VS Code may take to read the walkthrough in. */
const readInMs = 1000;

/**
 * Opens the walkthrough with every key false, and says again after it what is true: VS Code reads a walkthrough in when it
 * is first opened, and a step whose key is true by then is never ticked.
 */
export async function withFreshContext(openWalkthrough: () => Thenable<unknown>): Promise<void> {
  const say = async (value: boolean) => {
    for (const [key, now] of last) {
      if (now === true) await vscode.commands.executeCommand("setContext", key, value);
    }
  };
  await say(false);
  try {
    await openWalkthrough();
    await new Promise((resolve) => setTimeout(resolve, readInMs));
  } finally {
    await say(true);
  }
}
