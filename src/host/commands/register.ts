import * as vscode from "vscode";
import type { ErrorData } from "../../contract/errors";
import type { App } from "../app";
import { sentence, showError } from "../errors";

/** What must be there before a command can do its work. */
export type Need = "nothing" | "model";

/** A row of the command table. */
export interface Command {
  id: string;
  need: Need;
  run(app: App, ...args: unknown[]): unknown;
}

/** Why a command cannot run now, and the button that helps. */
export interface Unavailable {
  message: string;
  button: string;
  command: string;
}

/**
 * The answer of a command whose need is not met. An engine that is merely not running yet meets every need: the call
 * starts it. One that failed does not.
 */
export function unavailable(app: Pick<App, "engine">, need: Need): Unavailable | null {
  if (need === "nothing") return null;
  const { state, model } = app.engine;
  if (state.kind !== "failed" || model) return null;
  return remedy(state.error);
}

function remedy(error: ErrorData): Unavailable {
  const restart = ["engineDied", "nativeFailure", "libraryMismatch", "timeout", "internal"].includes(error.code);
  return {
    message: vscode.l10n.t("This needs a model, and none is loaded. {0}", sentence(error)),
    button: restart ? vscode.l10n.t("Restart Engine") : vscode.l10n.t("Choose a Model"),
    command: restart ? "vitrine.engine.restart" : "vitrine.models.choose",
  };
}

/** Registers the whole table. Every command ends in a result or in a sentence on the screen. */
export function registerCommands(app: App, commands: readonly Command[]): vscode.Disposable[] {
  return commands.map((command) =>
    vscode.commands.registerCommand(command.id, (...args: unknown[]) => invoke(app, command, args)),
  );
}

async function invoke(app: App, command: Command, args: unknown[]): Promise<unknown> {
  const missing = unavailable(app, command.need);
  if (missing) {
    const chosen = await vscode.window.showWarningMessage(missing.message, missing.button);
    return chosen ? await vscode.commands.executeCommand(missing.command) : undefined;
  }
  try {
    return await command.run(app, ...args);
  } catch (thrown) {
    showError(thrown, app.log);
    return undefined;
  }
}
