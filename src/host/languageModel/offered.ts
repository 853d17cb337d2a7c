import * as vscode from "vscode";
import { EngineBrain } from "../../agent/brains/engineBrain";
import { errorData } from "../../contract/errors";
import type { EngineService } from "../engine/service";
import { sampling } from "../settings";
import { AnswerText } from "./pieces";
import { chatMessages, toolLimit, toolSpecs } from "./messages";

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
  private calls = 0;

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
        capabilities: { toolCalling: toolLimit },
      },
    ];
  }

  async provideLanguageModelChatResponse(
    model: Info,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    { tools = [], toolMode }: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const loaded = this.engine.model;
    if (loaded?.fingerprint !== model.id) {
      throw vscode.LanguageModelError.NotFound(vscode.l10n.t("{0} is no longer loaded.", model.name));
    }
    const brain = new EngineBrain(this.engine, loaded);
    const words = new AnswerText();
    const say = (text: string) => {
      if (text !== "") progress.report(new vscode.LanguageModelTextPart(text));
    };
    // Where a call may come, its mark can be a part of the text; words are then given as one piece.
    const streams = tools.length === 0;
    try {
      const reply = await brain.reply(
        {
          messages: chatMessages(messages),
          tools: toolSpecs(tools),
          calls: toolMode === vscode.LanguageModelChatToolMode.Required ? "required" : "auto",
          sampling: sampling(),
          max: model.maxOutputTokens,
        },
        {
          signal: signalOf(token),
          onPiece: (piece) => {
            if (streams) say(words.take(piece));
          },
        },
      );
      say(streams ? words.end() : reply.text);
      for (const { name, arguments: input } of reply.calls)
        progress.report(new vscode.LanguageModelToolCallPart(`call-${++this.calls}`, name, input));
    } catch (thrown) {
      const error = errorData(thrown);
      if (error.code !== "cancelled")
        throw new vscode.LanguageModelError([error.message, error.remedy].filter(Boolean).join(" "));
    }
  }

  async provideTokenCount(
    _model: Info,
    text: string | vscode.LanguageModelChatRequestMessage,
    token: vscode.CancellationToken,
  ): Promise<number> {
    const content = typeof text === "string" ? text : said(text);
    const { tokens } = await this.engine.call("tokenize", { text: content }, { signal: signalOf(token) });
    return tokens.length;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

function said(message: vscode.LanguageModelChatRequestMessage): string {
  return chatMessages([message])
    .map(({ content, toolCalls = [] }) => [content, ...toolCalls.map((call) => JSON.stringify(call))].join("\n"))
    .join("\n");
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
