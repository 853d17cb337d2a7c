import { existsSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { Memory } from "../../agent/memory/memory";
import type { Brain } from "../../contract/brain";
import { fail } from "../../contract/errors";
import { workspaceFolders } from "../agent/agents";
import type { Log } from "../log";
import * as settings from "../settings";
import type { OpenMemory } from "./workspaceMemory";

/** The folder that is remembered in. Fails with `notAllowed` without one, or in an untrusted workspace. */
export function memoryPlace(): string {
  if (!vscode.workspace.isTrusted) {
    fail("notAllowed", vscode.l10n.t("The agent is off in an untrusted workspace."), {
      remedy: vscode.l10n.t("Trust the workspace, or use plain chat."),
    });
  }
  const [root] = workspaceFolders();
  return (
    root ??
    fail("notAllowed", vscode.l10n.t("The agent works in a folder, and none is open."), {
      remedy: vscode.l10n.t("Open a folder, or use plain chat."),
    })
  );
}

/** Opens the memory of a folder, or the store that the settings name. No model is loaded until something is judged. */
export async function openMemory(
  root: string,
  brain: (signal?: AbortSignal) => Promise<Brain>,
  log: Pick<Log, "warn">,
): Promise<OpenMemory> {
  const listeners = new Set<() => void>();
  let asking: Promise<void> | null = null;
  let again = false;
  const uri = settings.memoryUri();
  const memory = await Memory.open({
    folder: path.join(root, ".vitrine", "memory"),
    ...(uri === "" ? {} : { uri }),
    writes: settings.memoryMode,
    brain,
    onChange: () => refresh(),
    onProblem: (sentence) => log.warn(`Memory: ${sentence}`),
  });
  let state = await memory.state();

  /** Asks for the state, once more where it changed meanwhile, and tells. */
  function refresh(): void {
    again = true;
    asking ??= (async () => {
      try {
        while (again) {
          again = false;
          state = await memory.state();
        }
      } finally {
        asking = null;
      }
      for (const listener of listeners) listener();
    })().catch((thrown: unknown) => log.warn(`Memory: ${String(thrown)}`));
  }

  return {
    methods: memory.handlers,
    agent: memory,
    state: () => state,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => memory.close(),
  };
}

/** Plain chat reads and writes memory in a trusted folder; where nothing may be kept, only a memory that is there. */
export function memoryIsUsed(): boolean {
  const [root] = workspaceFolders();
  if (!vscode.workspace.isTrusted || root === undefined) return false;
  return settings.memoryMode() !== "off" || existsSync(path.join(root, ".vitrine", "memory"));
}
