import * as vscode from "vscode";
import type { Command } from "./register";

export const researchCommands: readonly Command[] = [
  {
    id: "vitrine.research.start",
    need: "model",
    run: async ({ research }, given) => {
      const prompt = vscode.l10n.t("What is to be found out?");
      const question = typeof given === "string" ? given : await vscode.window.showInputBox({ prompt });
      if (question !== undefined && question.trim() !== "") await research.start(question);
    },
  },
  { id: "vitrine.research.list", need: "nothing", run: ({ research }) => research.list() },
];
