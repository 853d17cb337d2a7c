import * as vscode from "vscode";
import type { ChatViewMethods } from "../../contract/chatView";
import type { ConversationNode } from "../../contract/conversation";
import { fail } from "../../contract/errors";
import type { Handlers } from "../../contract/method";
import type { Attachments } from "../chat/attachments";
import type { ChatService } from "../chat/service";
import { Throttle } from "../chat/throttle";
import type { Log } from "../log";
import type { MemoryDoor } from "../memory/door";
import { writeChatOptions } from "../settings";
import { ViewChannel } from "./channel";
import { commonHandlers, type CommonPorts } from "./common";
import { viewOptions, viewPage } from "./html";
import { chatChecks } from "./messageChecks";

type ChatMemoryMethod =
  "memoryEdit" | "memoryForget" | "memoryApprove" | "memoryRefuse" | "rememberText" | "showMemory";

/** The memory as the chat's chips use it. */
export interface MemoryActs extends Pick<MemoryDoor, "call"> {
  /** Asks a person for the wording, and keeps it. */
  remember(text: string): Promise<void>;
  /** Opens the Memory graph on memories, or on what an answer was given. */
  show(about: { ids?: string[]; answer?: ConversationNode }): Promise<void>;
}

export interface ChatViewPorts extends CommonPorts {
  memory?: MemoryActs;
  extension: vscode.Uri;
  chat: ChatService;
  attachments: Attachments;
  /** The view is seen for the first time. */
  seen(): void;
  /** Resolves once the stored conversations are read. */
  restored: Promise<void>;
  log: Log;
}

/** The Chat view: a page, and the channel to it while it is there. Its state lives in the service. */
export class ChatViewProvider implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | null = null;
  private channel: ViewChannel<ChatViewMethods> | null = null;
  private wasSeen = false;
  /** A state holds a whole conversation, and changes come in bursts while a model loads. */
  private readonly pushing = new Throttle(
    () => this.push(),
    () => 50,
  );
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly ports: ChatViewPorts) {
    const { chat } = ports;
    this.subscriptions = [
      chat.onDidChange(() => this.pushing.request()),
      chat.onDidRun((running) => {
        // The state that holds the answer must be there before the running one goes.
        if (running === null) this.push();
        this.channel?.event("running", running);
      }),
      chat.onDidLens((lens) => this.channel?.event("lens", lens)),
    ];
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.close();
    const { extension, log } = this.ports;
    view.webview.options = viewOptions(extension);
    const channel = new ViewChannel<ChatViewMethods>(
      view.webview,
      chatChecks,
      this.handlers(),
      () => void this.show(channel),
      log,
    );
    this.view = view;
    this.channel = channel;
    view.onDidDispose(() => {
      if (this.view === view) this.close();
    });
    view.webview.html = viewPage(view.webview, extension, "chat", vscode.l10n.t("Chat"));
  }

  dispose(): void {
    this.pushing.clear();
    this.close();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private push(): void {
    this.channel?.event("state", this.ports.chat.state());
  }

  private close(): void {
    this.channel?.dispose();
    this.channel = null;
    this.view = null;
  }

  private async show(channel: ViewChannel<ChatViewMethods>): Promise<void> {
    await this.ports.restored;
    channel.event("state", this.ports.chat.state());
    if (!this.wasSeen) this.ports.seen();
    this.wasSeen = true;
  }

  /** What a person does in the chat to what is remembered. */
  private memoryHandlers(): Pick<Handlers<ChatViewMethods>, ChatMemoryMethod> {
    const { memory } = this.ports;
    const door = (): MemoryActs =>
      memory ?? fail("notAllowed", vscode.l10n.t("The agent has no memory in this folder."));
    return {
      memoryEdit: (params) => door().call("memoryEdit", params),
      memoryForget: (params) => door().call("memoryForget", params),
      memoryApprove: (params) => door().call("memoryApprove", params),
      memoryRefuse: (params) => door().call("memoryRefuse", params),
      rememberText: async ({ text }) => {
        await door().remember(text);
        return null;
      },
      showMemory: async ({ ids, node }) => {
        const found = node === undefined ? undefined : this.ports.chat.conversation.nodes.find(({ id }) => id === node);
        await door().show({ ...(ids ? { ids } : {}), ...(found ? { answer: found } : {}) });
        return null;
      },
    };
  }

  private handlers(): Handlers<ChatViewMethods> {
    const { chat } = this.ports;
    // Every method answers at once; what it leads to is seen in the events.
    const act =
      <P>(work: (params: P) => unknown) =>
      async (params: P): Promise<null> => {
        await this.ports.restored;
        await work(params);
        return null;
      };
    const run = (command: string) => act(() => void vscode.commands.executeCommand(command));
    return {
      ...commonHandlers(this.ports, "chat"),
      send: act(({ text, attached }) => chat.send(text, this.ports.attachments.take(attached ?? []))),
      suggest: ({ query }, { signal }) => this.ports.attachments.suggest(query, signal),
      attach: ({ item }) => this.ports.attachments.attach(item),
      pickFile: () => this.ports.attachments.pick(),
      stop: act(() => chat.stop()),
      regenerate: act(({ node }) => chat.regenerate(node)),
      edit: act(({ node, text }) => chat.edit(node, text)),
      branch: act(({ node, token, choice }) => chat.branch(node, token, choice)),
      select: act(({ node }) => chat.select(node)),
      approve: act(({ request, verdict, reason }) => chat.approve(request, verdict, reason)),
      steer: act(({ text }) => chat.steer(text)),
      undoRun: act(({ node }) => chat.undoRun(node)),
      resumeRun: act(({ node }) => chat.resumeRun(node)),
      openTrace: act(({ node, step }) => vscode.commands.executeCommand("vitrine.trace.open", chat.runOf(node), step)),
      runPlace: ({ node, token, instrument }) => chat.placeInRun(node, token, instrument),
      rate: act(({ node, rating }) => chat.rate(node, rating)),
      newConversation: act(() => chat.newConversation()),
      openConversation: act(({ id }) => chat.openConversation(id)),
      deleteConversation: act(({ id }) => chat.deleteConversation(id)),
      renameConversation: act(({ id, title }) => chat.renameConversation(id, title)),
      ...this.memoryHandlers(),
      chooseModel: run("vitrine.models.choose"),
      restartEngine: run("vitrine.engine.restart"),
      setOptions: act((options) => writeChatOptions(options)),
    };
  }
}
