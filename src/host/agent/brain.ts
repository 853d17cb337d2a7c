import * as vscode from "vscode";
import { ServerBrain } from "../../agent/brains/serverBrain";
import type { Brain } from "../../contract/brain";
import type { EngineService } from "../engine/service";
import { server } from "../settings";
import { engineBrain, type AlterationsPort } from "./service";

const secret = "vitrine.server.key";

/** What the agent thinks with: the server that a person has set, or the engine. Only a server's brain leaves the machine. */
export async function chosenBrain(
  engine: Pick<EngineService, "ensureModel" | "call">,
  secrets: Pick<vscode.SecretStorage, "get">,
  alterations?: AlterationsPort,
  signal?: AbortSignal,
): Promise<Brain> {
  const set = server();
  if (set === undefined) return engineBrain(engine, alterations, signal);
  return new ServerBrain({ ...set, key: async () => secrets.get(secret) });
}

/** Asks for the server's key and keeps it in the editor's secret storage; an empty one is forgotten. */
export async function askServerKey(secrets: Pick<vscode.SecretStorage, "store" | "delete">): Promise<void> {
  const key = await vscode.window.showInputBox({
    password: true,
    ignoreFocusOut: true,
    prompt: vscode.l10n.t("The server's key. Leave it empty to forget the one that is stored."),
  });
  if (key === undefined) return;
  if (key.trim() === "") await secrets.delete(secret);
  else await secrets.store(secret, key.trim());
}
