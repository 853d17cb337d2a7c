import * as vscode from "vscode";
import type { ChatMessage } from "../contract/chat";
import { errorData } from "../contract/errors";
import type { EngineService } from "./engine/service";
import { sampling } from "./settings";

type Info = vscode.LanguageModelChatInformation;
type Engine = Pick<EngineService, "model" | "onDidChange" | "call" | "ensureModel">;

/** Tokens that an answer for another extension may have at most. */
const answerLimit = 2048;

/**
 * Offers the loaded model to other extensions. They get the model as it is: interventions are for the person's own chat
 * and instruments.
 */
export class OfferedModel implements vscode.LanguageModelChatProvider<Info>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.changed.event;
  private readonly subscription: vscode.Disposable;
  private shown: string | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly enabled: () => boolean,
  ) {
    this.subscription = engine.onDidChange(() => this.refresh());
  }

  /** Tells VS Code when another model, or none, is offered. */
  refresh(): void {
    const model = this.enabled() ? (this.engine.model?.fingerprint ?? null) : null;
    if (model === this.shown) return;
    this.shown = model;
    this.changed.fire();
  }

  async provideLanguageModelChatInformation({ silent }: { silent: boolean }): Promise<Info[]> {
    if (!this.enabled()) return [];
    const model = silent ? this.engine.model : await this.engine.ensureModel();
    if (!model) return [];
    const output = Math.min(answerLimit, model.context >> 1);
    return [
      {
        id: model.fingerprint,
        name: model.name,
        family: model.architecture,
        version: model.quantisation,
        detail: vscode.l10n.t("on this machine"),
        maxInputTokens: model.context - output,
        maxOutputTokens: output,
        capabilities: {},
      },
    ];
  }

  async provideLanguageModelChatResponse(
    model: Info,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    _options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    if (this.engine.model?.fingerprint !== model.id) {
      throw vscode.LanguageModelError.NotFound(vscode.l10n.t("{0} is no longer loaded.", model.name));
    }
    const encoder = new TextEncoder();
    const decoder = new TextDecoder();
    const say = (text: string) => {
      if (text !== "") progress.report(new vscode.LanguageModelTextPart(text));
    };
    try {
      await this.engine.call(
        "generate",
        {
          input: { kind: "chat", messages: messages.map(asMessage) },
          sampling: sampling(),
          max: model.maxOutputTokens,
          top: 0,
        },
        {
          signal: signalOf(token),
          onProgress: (step) => {
            if (step.kind !== "token" || step.token.part !== "answer") return;
            const { bytes, text } = step.token;
            say(decoder.decode(bytes ? Uint8Array.from(bytes) : encoder.encode(text), { stream: true }));
          },
        },
      );
      say(decoder.decode());
    } catch (thrown) {
      const error = errorData(thrown);
      if (error.code !== "cancelled") throw new vscode.LanguageModelError(error.message);
    }
  }

  async provideTokenCount(
    _model: Info,
    text: string | vscode.LanguageModelChatRequestMessage,
    token: vscode.CancellationToken,
  ): Promise<number> {
    const content = typeof text === "string" ? text : asMessage(text).content;
    const { tokens } = await this.engine.call("tokenize", { text: content }, { signal: signalOf(token) });
    return tokens.length;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

/** The text of a message; parts that are no text are not for a text model. */
function asMessage({ role, content }: vscode.LanguageModelChatRequestMessage): ChatMessage {
  const text = content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
  return { role: role === vscode.LanguageModelChatMessageRole.Assistant ? "assistant" : "user", content: text };
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
