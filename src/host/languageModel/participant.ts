import * as vscode from "vscode";
import { EngineBrain } from "../../agent/brains/engineBrain";
import type { ChatMessage } from "../../contract/chat";
import { errorData } from "../../contract/errors";
import type { EngineService } from "../engine/service";
import { sentence } from "../errors";
import { sampling } from "../settings";
import { AnswerText } from "./pieces";

type Engine = Pick<EngineService, "call" | "ensureModel">;

/** Characters of a file that a question brings along: a small model's context holds a few pages. */
const attachedCharacters = 6000;

/**
 * `@vitrine` in VS Code's own chat: the local model answers, and a button opens what it was asked in the lens. It gets the
 * model as it is; interventions are for Vitrine's own chat, where every answer says that it is altered.
 */
export function createParticipant(engine: Engine, icon: vscode.Uri): vscode.Disposable {
  // Where an editor has no chat of its own, the API is there and registers nothing that is seen.
  const participant = vscode.chat.createChatParticipant("vitrine.vitrine", (request, context, response, token) =>
    answer(engine, request, context, response, token),
  );
  participant.iconPath = icon;
  return participant;
}

export async function answer(
  engine: Engine,
  request: Pick<vscode.ChatRequest, "prompt" | "references">,
  context: vscode.ChatContext,
  response: Pick<vscode.ChatResponseStream, "markdown" | "button" | "progress">,
  token: vscode.CancellationToken,
): Promise<vscode.ChatResult> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  try {
    const model = await engine.ensureModel();
    const brain = new EngineBrain(engine as EngineService, model);
    const messages: ChatMessage[] = [
      ...before(context),
      { role: "user", content: [request.prompt, ...(await attached(request.references))].join("\n\n") },
    ];
    const words = new AnswerText();
    let said = "";
    const say = (text: string): void => {
      if (text === "") return;
      said += text;
      response.markdown(text);
    };
    await brain.reply(
      { messages, sampling: sampling() },
      {
        signal: abort.signal,
        onPiece: (piece) => {
          say(words.take(piece));
        },
      },
    );
    say(words.end());
    if (said.trim() === "") response.markdown(vscode.l10n.t("The model answered nothing."));
    response.button({
      command: "vitrine.lens.open",
      title: vscode.l10n.t("Open in the lens"),
      arguments: [request.prompt],
    });
    return {};
  } catch (thrown) {
    const error = errorData(thrown);
    return error.code === "cancelled" ? {} : { errorDetails: { message: sentence(error) } };
  }
}

/** Earlier turns with this participant, words only. */
function before({ history }: vscode.ChatContext): ChatMessage[] {
  return history.map((turn): ChatMessage => {
    if ("prompt" in turn) return { role: "user", content: turn.prompt };
    const parts = turn.response.map((part) => ("value" in part && typeof part.value === "object" ? part.value : null));
    const text = parts.map((value) => (value && "value" in value ? String(value.value) : "")).join("");
    return { role: "assistant", content: text };
  });
}

/** Files and selections a person put beside the question, as data: named, fenced, cut with a word about it. */
async function attached(references: readonly vscode.ChatPromptReference[]): Promise<string[]> {
  const texts: string[] = [];
  for (const { value } of references) {
    const uri = value instanceof vscode.Uri ? value : value instanceof vscode.Location ? value.uri : undefined;
    if (!uri) {
      if (typeof value === "string") texts.push(value.slice(0, attachedCharacters));
      continue;
    }
    const document = await vscode.workspace.openTextDocument(uri);
    const whole = document.getText(value instanceof vscode.Location ? value.range : undefined);
    const cut =
      whole.length > attachedCharacters ? `\n[cut: ${whole.length - attachedCharacters} more characters]` : "";
    texts.push(`File ${vscode.workspace.asRelativePath(uri)}:\n${whole.slice(0, attachedCharacters)}${cut}`);
  }
  return texts;
}
