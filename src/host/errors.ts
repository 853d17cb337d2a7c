import * as vscode from "vscode";
import { errorData, type ErrorCode, type ErrorData } from "../contract/errors";
import type { Log } from "./log";

/** A button beside an error: what it says, and the command it runs. */
interface Remedy {
  title: string;
  command: string;
}

/** What can be done about a kind of error from within the editor. */
function remedies(code: ErrorCode): Remedy[] {
  const choose = { title: vscode.l10n.t("Choose a Model"), command: "vitrine.models.choose" };
  const restart = { title: vscode.l10n.t("Restart Engine"), command: "vitrine.engine.restart" };
  const settings = { title: vscode.l10n.t("Open Settings"), command: "vitrine.openSettings" };
  const fresh = { title: vscode.l10n.t("New Conversation"), command: "vitrine.chat.new" };
  switch (code) {
    case "fileMissing":
    case "notGguf":
    case "unsupportedModel":
    case "noModel":
    case "noSuchSite":
      return [choose];
    case "tooLarge":
      return [choose, settings];
    case "contextFull":
      return [fresh, settings];
    case "engineDied":
    case "timeout":
    case "nativeFailure":
    case "libraryMismatch":
      return [restart];
    default:
      return [];
  }
}

/** The sentence a person reads: what is wrong, then what to do. */
export function sentence(error: ErrorData): string {
  return error.remedy ? `${error.message} ${error.remedy}` : error.message;
}

/** Shows an error with its remedy as a button; a cancelled act shows nothing. Returns once it is shown. */
export function showError(thrown: unknown, log: Log): void {
  const error = errorData(thrown);
  if (error.code === "cancelled") return;
  log.error(`${error.code}: ${sentence(error)}`);
  if (error.code === "internal" && thrown instanceof Error && thrown.stack) log.debug(thrown.stack);
  const buttons = [...remedies(error.code), { title: vscode.l10n.t("Show Log"), command: "vitrine.showLog" }];
  void vscode.window.showErrorMessage(sentence(error), ...buttons).then((chosen) => {
    if (chosen) return vscode.commands.executeCommand(chosen.command);
  });
}
