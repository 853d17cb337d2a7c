import * as vscode from "vscode";
import type { RunView } from "../../contract/agentView";
import type { AnswerLens, ChatState, RunningAnswer } from "../../contract/chatView";
import type { Conversation, ConversationNode, KeptAttachment } from "../../contract/conversation";
import { fail } from "../../contract/errors";
import type { GeneratedToken } from "../../contract/token";
import type { ApprovalVerdict } from "../../contract/tool";
import type { InstrumentRequest } from "../../contract/view";
import { actOnGoal } from "./acting";
import { answerChat } from "./answering";
import { ContextMeter } from "./contextMeter";
import type { ChatPorts } from "./ports";
import { LensFiller } from "./lensFiller";
import { branchTokens, Running } from "./running";
import { Throttle } from "./throttle";
import { append, change, emptyConversation, nodeOf, select, showLeaf } from "./tree";
import type { Work } from "./work";

interface Run {
  conversation: string;
  answer: Running;
  abort: AbortController;
  done: Promise<void>;
  lensLeft?: { id: string; cells: number };
}

/** Longest title a person may give. */
const titleLimit = 200;

/**
 * The conversations and the answer being written. Everything asked of it is answered at once; what comes of it is seen
 * through `onDidChange` (the whole state) and `onDidRun` (the running answer, complete each time).
 */
export class ChatService implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly ran = new vscode.EventEmitter<RunningAnswer | null>();
  readonly onDidChange = this.changed.event;
  readonly onDidRun = this.ran.event;
  private readonly lensed = new vscode.EventEmitter<AnswerLens>();
  /** The lens of a written answer, whole each time, until it is complete. */
  readonly onDidLens = this.lensed.event;
  private readonly lenses: LensFiller;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly throttle = new Throttle(
    () => this.ran.fire(this.runningShown()),
    // Snapshots are complete, so a long answer's are larger: it gets fewer of them.
    () => Math.max(50, (this.run?.answer.tokens.length ?? 0) / 4),
  );
  private current: Conversation;
  private run: Run | null = null;
  private readonly meter: ContextMeter;
  private modelSeen: string | null = null;

  constructor(private readonly ports: ChatPorts) {
    this.current = emptyConversation(ports.newId(), ports.now().toISOString());
    this.lenses = new LensFiller(ports, (lens) => this.lensed.fire(lens));
    this.meter = new ContextMeter(ports, () => this.changed.fire());
    this.subscriptions.push(ports.engine.onDidChange(() => this.engineChanged()));
  }

  /** Shows the conversation that was shown last, if it is still there. */
  async restore(): Promise<void> {
    const id = this.ports.lastShown.get();
    const found = id === undefined ? null : await this.ports.store.open(id);
    if (found) this.current = found;
    this.measure();
    this.changed.fire();
  }

  /** The conversation that is shown. */
  get conversation(): Conversation {
    return this.current;
  }

  /** An answer is being written, here or in another conversation. */
  get answering(): boolean {
    return this.run !== null;
  }

  state(): ChatState {
    const { engine, store } = this.ports;
    const server = this.ports.server?.();
    return {
      engine: engine.state,
      model: engine.model,
      conversation: this.conversation,
      conversations: store.list(),
      options: this.ports.options(),
      context: { used: this.meter.used, size: engine.model?.context ?? 0 },
      running: this.runningShown(),
      interventions: this.ports.interventions().names,
      meters: this.ports.interventions().meters,
      trusted: this.ports.trusted(),
      ...(server === undefined ? {} : { server }),
    };
  }

  /** Something outside that the state shows has changed: options, interventions, trust. */
  refresh(): void {
    this.measure();
    this.changed.fire();
  }

  send(text: string, attachments: readonly KeptAttachment[] = []): void {
    if (text.trim() === "") fail("badArgument", vscode.l10n.t("There is nothing to send."));
    const question = /^\/research\s+(.+)$/s.exec(text.trim())?.[1];
    if (question !== undefined) return void vscode.commands.executeCommand("vitrine.research.start", question);
    this.mustBeFree();
    const parent = this.conversation.leaf;
    this.begin(this.ask(parent, text, attachments), []);
  }

  stop(): void {
    this.run?.abort.abort();
  }

  /** Another answer in the place of `node`; of a question that has none, its first. */
  regenerate(node: string): void {
    this.mustBeFree();
    const found = this.must(node);
    const question = found.role === "user" ? found : this.must(found.parent);
    this.show(showLeaf(this.conversation, question.id));
    this.begin(question.id, []);
  }

  edit(node: string, text: string): void {
    if (text.trim() === "") fail("badArgument", vscode.l10n.t("There is nothing to send."));
    this.mustBeFree();
    const found = this.must(node);
    if (found.role !== "user") fail("badArgument", vscode.l10n.t("Only a question can be edited."));
    this.begin(this.ask(found.parent, text, found.attachments), []);
  }

  /** An answer that begins as `node` does up to token `token`, takes `choice` there, and goes on by itself. */
  branch(node: string, token: number, choice: number): void {
    this.mustBeFree();
    const found = this.must(node);
    const there = found.tokens?.[token];
    if (!found.tokens || !there || found.parent === null) {
      return fail("badArgument", vscode.l10n.t("The answer has no such token."));
    }
    if (found.run) {
      fail("notAllowed", vscode.l10n.t("The answer of a run is not gone on from: its steps stand before it."), {
        remedy: vscode.l10n.t("Give the goal again, or ask in plain chat."),
      });
    }
    const { model } = this.ports.engine;
    if (model && found.model && found.model.fingerprint !== model.fingerprint) {
      fail("wrongModel", vscode.l10n.t("This answer was written by another model ({0}).", found.model.name), {
        remedy: vscode.l10n.t("Load that model to branch from its tokens."),
      });
    }
    const alternative = there.id === choice ? there : there.top.find((other) => other.id === choice);
    if (!alternative) return fail("badArgument", vscode.l10n.t("That is none of the token's alternatives."));
    const prefix = branchTokens(found.tokens, token, alternative);
    this.show(showLeaf(this.conversation, found.parent));
    this.begin(found.parent, prefix, { node, token });
  }

  /** A person's answer to what the run asks. */
  approve(request: string, verdict: ApprovalVerdict, reason: string): void {
    this.ports.agent.decide(request, verdict, reason);
  }

  /** A message for the run under way. */
  steer(text: string): void {
    if (text.trim() === "") fail("badArgument", vscode.l10n.t("There is nothing to send."));
    if (!this.ports.agent.steer(text)) fail("notAllowed", vscode.l10n.t("No goal is being worked on."));
  }

  /** Takes back the files that an answer's run wrote. */
  async undoRun(node: string): Promise<void> {
    this.mustBeFree();
    const { run } = this.must(node);
    if (!run) return fail("badArgument", vscode.l10n.t("This answer changed no files."));
    const undone = await this.ports.agent.undo(run);
    this.show(change(this.conversation, node, { run: undone }));
  }

  /** Goes on with a run that did not come to an answer; what comes of it stands beside the answer before. */
  resumeRun(node: string): void {
    this.mustBeFree();
    const { run, parent } = this.must(node);
    if (!run || parent === null) return fail("badArgument", vscode.l10n.t("This answer was not made by a run."));
    this.show(showLeaf(this.conversation, parent));
    this.begin(parent, [], undefined, run);
  }

  /** The name of the run that an answer came from. */
  runOf(node: string): string {
    const { run } =
      this.run?.answer.node === node && this.run.answer.run ? { run: this.run.answer.run } : this.must(node);
    return run?.run ?? fail("badArgument", vscode.l10n.t("This answer was not made by a run."));
  }

  /** The place of a token of an answer that a run came to: the prompt stands in the run's file. */
  placeInRun(node: string, token: number, instrument: InstrumentRequest["instrument"]): Promise<InstrumentRequest> {
    return this.ports.place(this.runOf(node), token, instrument);
  }

  select(node: string): void {
    this.must(node);
    this.show(select(this.conversation, node));
    this.measure();
  }

  rate(node: string, rating: "up" | "down" | null): void {
    const found = this.must(node);
    if (found.role !== "assistant") fail("badArgument", vscode.l10n.t("Only an answer can be rated."));
    this.show(change(this.conversation, node, { rating: rating ?? undefined }));
  }

  newConversation(): void {
    if (this.conversation.nodes.length > 0) {
      this.current = emptyConversation(this.ports.newId(), this.ports.now().toISOString());
    }
    this.shown();
  }

  async openConversation(id: string): Promise<void> {
    const found = await this.ports.store.open(id);
    if (!found) fail("fileMissing", vscode.l10n.t("This conversation is no longer there."));
    this.current = found;
    this.shown();
  }

  async deleteConversation(id: string): Promise<void> {
    if (this.run?.conversation === id) {
      this.run.abort.abort();
      await this.run.done;
    }
    await this.ports.store.remove(id);
    if (this.conversation.id === id) {
      this.current = emptyConversation(this.ports.newId(), this.ports.now().toISOString());
      this.shown();
    } else this.changed.fire();
  }

  async renameConversation(id: string, title: string): Promise<void> {
    const found = this.conversation.id === id ? this.conversation : await this.ports.store.open(id);
    if (!found) fail("fileMissing", vscode.l10n.t("This conversation is no longer there."));
    this.keep({ ...found, title: title.trim().slice(0, titleLimit) });
    this.changed.fire();
  }

  /** Stops a running answer, keeps what was written of it, and has everything on disk. */
  async close(): Promise<void> {
    this.run?.abort.abort();
    await this.run?.done;
    await this.ports.store.flush();
  }

  dispose(): void {
    this.run?.abort.abort();
    this.meter.stop();
    this.throttle.clear();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.lenses.dispose();
    this.changed.dispose();
    this.ran.dispose();
    this.lensed.dispose();
  }

  private must(id: string | null): ConversationNode {
    const found = id === null ? undefined : nodeOf(this.conversation, id);
    return found ?? fail("badArgument", vscode.l10n.t("The conversation has no such turn."));
  }

  private mustBeFree(): void {
    if (this.run) {
      fail("notAllowed", vscode.l10n.t("An answer is still being written."), {
        remedy: vscode.l10n.t("Stop it, or wait until it is done."),
      });
    }
  }

  /** Adds a question and keeps it before anything can go wrong with its answer. */
  private ask(parent: string | null, text: string, attachments: readonly KeptAttachment[] = []): string {
    const id = this.ports.newId();
    const beside = attachments.length > 0 ? { attachments: [...attachments] } : {};
    const created = this.ports.now().toISOString();
    this.show(append(this.conversation, { id, parent, role: "user", text, ...beside, created }));
    return id;
  }

  private begin(
    parent: string,
    prefix: GeneratedToken[],
    branch?: { node: string; token: number },
    resumed?: RunView,
  ): void {
    const answer = new Running(this.ports.newId(), parent, prefix, () => performance.now());
    const abort = new AbortController();
    const run: Run = { conversation: this.conversation.id, answer, abort, done: Promise.resolve() };
    this.run = run;
    const work: Work = {
      conversation: this.conversation,
      answer,
      signal: abort.signal,
      changed: () => this.throttle.request(),
      used: (tokens) => (this.meter.used = tokens),
      lensLeft: (left) => (run.lensLeft = left),
    };
    const acts = resumed !== undefined || (prefix.length === 0 && this.ports.options().mode !== "chat");
    run.done = acts
      ? this.write(run, actOnGoal(this.ports, work, resumed), {})
      : this.write(run, answerChat(this.ports, work), branch ? { branch } : {});
    this.changed.fire();
  }

  /** Has the answer written to the end and keeps it. Never rejects. */
  private async write(run: Run, writing: Promise<ConversationNode | null>, more: Partial<ConversationNode>) {
    const node = await writing;
    await this.end(run, node && { ...node, ...more });
  }

  private async end(run: Run, node: ConversationNode | null): Promise<void> {
    this.throttle.clear();
    this.run = null;
    const { lens } = run.answer;
    if (node) await this.attach(run.conversation, node);
    // The state first: it holds the answer that the running one becomes.
    this.changed.fire();
    this.ran.fire(null);
    if (node && lens.tokens.length > 0) this.lenses.add({ node: node.id, lens, left: run.lensLeft });
  }

  /** Puts an answer where it belongs: in the shown conversation, or in one that is no longer shown. */
  private async attach(id: string, node: ConversationNode): Promise<void> {
    if (this.conversation.id === id) {
      // A person may have gone to another place of the tree meanwhile: they stay there.
      const leaf = this.conversation.leaf === node.parent ? node.id : this.conversation.leaf;
      this.keep(showLeaf(append(this.conversation, node), leaf));
      return;
    }
    const other = await this.ports.store.open(id);
    if (other) this.keep(append(other, node));
  }

  private keep(conversation: Conversation): void {
    if (conversation.id === this.conversation.id) this.current = conversation;
    if (conversation.nodes.length > 0) this.ports.store.save(conversation);
  }

  private show(conversation: Conversation): void {
    this.keep(conversation);
    this.ports.lastShown.set(conversation.id);
    this.changed.fire();
  }

  private shown(): void {
    this.ports.lastShown.set(this.conversation.id);
    this.measure();
    this.ran.fire(this.runningShown());
    this.changed.fire();
  }

  private runningShown(): RunningAnswer | null {
    return this.run?.conversation === this.conversation.id ? this.run.answer.snapshot() : null;
  }

  private engineChanged(): void {
    const seen = this.ports.engine.model?.fingerprint ?? null;
    if (seen !== this.modelSeen) {
      this.modelSeen = seen;
      this.measure();
    }
    this.changed.fire();
  }

  private measure(): void {
    this.meter.measure(this.conversation, this.run !== null);
  }
}
