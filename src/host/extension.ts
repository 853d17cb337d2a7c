import { randomUUID } from "node:crypto";
import { realpath } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { errorData } from "../contract/errors";
import type { LoadParams } from "../contract/model";
import type { InstrumentRequest } from "../contract/view";
import { Corpora } from "./acting/corpora";
import { EditFiles } from "./acting/editFiles";
import { EditsTree } from "./acting/editsTree";
import { actingHandlers } from "./acting/handlers";
import { Agents } from "./agent/agents";
import { PendingApprovals } from "./agent/approvals";
import { chosenBrain } from "./agent/brain";
import { AgentService } from "./agent/service";
import type { App } from "./app";
import { Attachments } from "./chat/attachments";
import { ChatService } from "./chat/service";
import { ConversationStore } from "./chat/store";
import { registerCommands } from "./commands/register";
import { commandTable } from "./commands/table";
import { setContext } from "./context";
import { DirectionsPanel } from "./directions/panel";
import { Directions } from "./directions/service";
import { Store } from "./dispose";
import { openEngine } from "./engine/process";
import { EngineService } from "./engine/service";
import { GgufEditor } from "./gguf/editor";
import { Interventions } from "./interventions/list";
import { asParams, Switchboard } from "./interventions/switchboard";
import { InterventionsView } from "./interventions/view";
import { LabsPanel } from "./labs/panel";
import { LabProgress } from "./labs/progress";
import { LabsTree } from "./labs/tree";
import { OfferedModel } from "./languageModel/offered";
import { createParticipant } from "./languageModel/participant";
import { createLog } from "./log";
import { rememberThis } from "./memory/actions";
import { agentMemory, chatMemory } from "./memory/chatMemory";
import { memoryIsUsed, memoryPlace, openMemory } from "./memory/open";
import { MemoryPanel } from "./memory/panel";
import { PositionsFile } from "./memory/positions";
import { MemoryTree } from "./memory/tree";
import { whyOf } from "./memory/whyOf";
import { WorkspaceMemory } from "./memory/workspaceMemory";
import { offerTools } from "./mcp/provider";
import { McpServers } from "./mcp/servers";
import { mcpPorts } from "./mcp/settings";
import { Downloads } from "./models/downloads";
import { ModelLibrary } from "./models/library";
import { ModelsTree } from "./models/tree";
import { mustBeTrusted } from "./models/trust";
import { OperatorPanel } from "./operator/panel";
import { ResearchService } from "./research/service";
import * as settings from "./settings";
import { createStatusBar } from "./statusBar";
import { SurprisalController } from "./surprisal/controller";
import { ApprovedTexts } from "./tools/compare";
import { ToolTests } from "./tools/explorer";
import { ToolLenses } from "./tools/lenses";
import { toolFiles } from "./tools/place";
import { ToolsTree } from "./tools/tree";
import { ToolWatch } from "./tools/watch";
import { Workshop } from "./tools/workshop";
import { Traces } from "./trace/traces";
import { ChatViewProvider } from "./views/chatView";
import { save } from "./views/common";
import { InstrumentPanels } from "./views/instrumentPanels";
import { Plans } from "./plan/plans";
import { PlanPanel } from "./views/planPanel";
import { TracePanel } from "./views/tracePanel";

let active: { app: App; store: Store } | undefined;

/** Registers everything and starts nothing: the engine is started when it is first asked. */
export function activate(extension: vscode.ExtensionContext): void {
  const begun = performance.now();
  const store = new Store();
  const log = store.add(createLog());
  try {
    active = { app: build(extension, log, store), store };
  } catch (thrown) {
    log.error(thrown instanceof Error ? thrown : String(thrown));
    store.dispose();
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    void vscode.window.showErrorMessage(vscode.l10n.t("Vitrine could not start: {0}", reason));
    throw thrown;
  }
  log.info(`Activated in ${(performance.now() - begun).toFixed(1)} ms`);
}

/** Keeps what was written of a running answer, ends the engine, undoes the rest. */
export async function deactivate(): Promise<void> {
  const held = active;
  active = undefined;
  if (!held) return;
  try {
    await held.app.chat.close();
    await held.app.memory.close();
    await held.app.engine.stop();
  } finally {
    held.store.dispose();
  }
}

function build(extension: vscode.ExtensionContext, log: vscode.LogOutputChannel, store: Store): App {
  const ownFiles = (extension.storageUri ?? extension.globalStorageUri).fsPath;
  const downloadsFolder = path.join(extension.globalStorageUri.fsPath, "models");

  const library: ModelLibrary = store.add(
    new ModelLibrary({
      memory: extension.globalState,
      specimen: extension.asAbsolutePath(path.join("specimen", "specimen.gguf")),
      configured: settings.modelFile,
      folder: () => settings.modelsFolder() || downloadsFolder,
      catalogue: async (folder) => (await engine.call("catalogue", { folder })).models,
    }),
  );
  const engine: EngineService = store.add(
    new EngineService({
      open: openEngine(extension.asAbsolutePath(path.join("dist", "engine.mjs"))),
      defaultFile: () => library.defaultFile(),
      loadParams,
      log,
    }),
  );
  const downloads = store.add(new Downloads(engine, library));
  const interventions = store.add(new Interventions(extension.workspaceState));
  const approvals = new PendingApprovals();
  const switchboard = new Switchboard(interventions, engine);
  const altered = async (signal?: AbortSignal) => {
    const meters = await switchboard.meters(signal);
    return { ...asParams(await switchboard.switched(signal)), ...(meters.length > 0 ? { meters } : {}) };
  };
  // Tools are made and tried outside of any answer by the model as it is; a run brings its own, altered brain.
  const plainBrain = (signal?: AbortSignal) => chosenBrain(engine, extension.secrets, undefined, signal);
  const memory: WorkspaceMemory = store.add(
    new WorkspaceMemory(memoryPlace, () => openMemory(memoryPlace(), plainBrain, log)),
  );
  const agents = store.add(new Agents(extension, approvals, log, plainBrain, agentMemory(memory, log)));
  const mcp = store.add(new McpServers(mcpPorts(extension, agents, log)));
  const agent = store.add(
    new AgentService((signal) => chosenBrain(engine, extension.secrets, altered, signal), agents, approvals, mcp),
  );
  const tools = store.add(new Workshop(() => agents.workspace()));
  const research = store.add(
    new ResearchService((signal) => chosenBrain(engine, extension.secrets, undefined, signal)),
  );
  const traces = store.add(new Traces(engine));
  const conversations = new ConversationStore(path.join(ownFiles, "conversations"), log);
  const chat = store.add(
    new ChatService({
      engine,
      agent,
      store: conversations,
      options: settings.chatOptions,
      sampling: settings.sampling,
      maxTokens: settings.maxTokens,
      alternatives: settings.alternatives,
      interventions: () => ({ names: interventions.active().names, meters: interventions.meters() }),
      switched: async (signal) => ({
        ...(await switchboard.switched(signal)),
        meters: await switchboard.meters(signal),
      }),
      trusted: () => vscode.workspace.isTrusted,
      newId: () => randomUUID(),
      now: () => new Date(),
      memory: chatMemory(memory, memoryIsUsed, log),
      server: () => settings.server()?.model,
      place: (run, token, instrument) => traces.place(run, token, instrument),
      lastShown: {
        get: () => extension.workspaceState.get<string>("vitrine.conversation"),
        set: (id) => void extension.workspaceState.update("vitrine.conversation", id),
      },
      log,
    }),
  );
  const common = {
    extension: extension.extensionUri,
    engine,
    switched: (signal: AbortSignal) => switchboard.switched(signal),
    files: path.join(extension.globalStorageUri.fsPath, "instruments"),
    log,
  };
  const edits = store.add(new EditFiles(engine, interventions));
  const panels = store.add(
    new InstrumentPanels({
      ...common,
      acting: actingHandlers({ engine, interventions, edits, corpora: new Corpora(), save }),
      activeInterventions: () => interventions.active(),
      onDidChangeInterventions: interventions.onDidChange,
    }),
  );
  const openInstrument = (request: InstrumentRequest) => panels.open(request);
  const directions = store.add(new Directions({ engine, interventions, conversations, log }));
  const directionsPanel = store.add(new DirectionsPanel({ ...common, openInstrument, directions, interventions }));
  const operator = store.add(
    new OperatorPanel({
      ...common,
      operator: () => agents.browserOperator,
      onDidChange: agents.onDidChangeBrowser,
      openInstrument: (request) => panels.open(request),
      stopAnswer: () => void chat.stop(),
    }),
  );
  const memoryPanel = store.add(
    new MemoryPanel({
      ...common,
      memory,
      places: new PositionsFile(path.join(ownFiles, "memoryPlaces.json"), log),
      openInstrument,
    }),
  );
  const trace = store.add(new TracePanel({ ...common, traces, openInstrument }));
  const plan = store.add(
    new PlanPanel({
      ...common,
      plans: new Plans(traces, engine, agents),
      agent,
      openInstrument,
      openTrace: (run, step) => trace.open(run, step),
    }),
  );
  const surprisal = store.add(new SurprisalController(engine, log));
  const progress = store.add(new LabProgress(extension.globalState));
  const labs = store.add(
    new LabsPanel({
      ...common,
      openInstrument: (request) => panels.open(request),
      labs: { chat, panels, progress, log, setOptions: settings.writeChatOptions },
    }),
  );
  const app: App = {
    extension,
    log,
    engine,
    models: { engine, library, downloads },
    chat,
    interventions,
    switchboard,
    directionsPanel,
    panels,
    edits,
    surprisal,
    tools,
    memory,
    memoryPanel,
    research,
    operator,
    labs,
    trace,
    mcp,
    plan,
  };

  const restored = restore(app, conversations);
  const chatView = store.add(
    new ChatViewProvider({
      ...common,
      chat,
      memory: {
        call: (method, params, options) => memory.call(method, params, options),
        remember: (text) => rememberThis(memory, memoryPanel, text),
        show: async ({ ids, answer }) => {
          if (answer) memoryPanel.open({ why: await whyOf(memory, answer) });
          else memoryPanel.open(ids ? { ids } : {});
        },
      },
      attachments: new Attachments(() => engine.model?.context),
      restored,
      openInstrument: (request) => panels.open(request),
      seen: () => void warm(app),
    }),
  );
  store.add(vscode.window.registerWebviewViewProvider("vitrine.chat", chatView));
  const listView = store.add(new InterventionsView({ ...common, openInstrument, list: interventions, switchboard }));
  store.add(vscode.window.registerWebviewViewProvider("vitrine.interventions", listView));
  store.add(vscode.window.registerCustomEditorProvider("vitrine.gguf", new GgufEditor()));
  trees(app, store);
  const course = store.add(new LabsTree(progress));
  store.add(vscode.window.createTreeView("vitrine.labs", { treeDataProvider: course }));
  store.add(new ToolWatch(tools, log));
  const lenses = store.add(new ToolLenses(tools, log));
  store.add(vscode.languages.registerCodeLensProvider(toolFiles, lenses));
  store.add(createStatusBar(engine, interventions));
  const offered = store.add(new OfferedModel(engine, settings.offersLanguageModel));
  store.add(vscode.lm.registerLanguageModelChatProvider("vitrine", offered));
  store.add(new ApprovedTexts(tools));
  store.add(new ToolTests(tools, log));
  store.add(offerTools(extension, tools));
  store.add(createParticipant(engine, vscode.Uri.joinPath(extension.extensionUri, "media", "icon.png")));
  for (const command of registerCommands(app, commandTable)) store.add(command);
  follow(app, store);
  store.add(vscode.workspace.onDidChangeConfiguration(() => offered.refresh()));
  return app;
}

/** How a file is loaded, if it may be. */
async function loadParams(file: string): Promise<LoadParams> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  // A file that is not there has no real path; the engine says so better.
  const real = await realpath(file).catch(() => file);
  mustBeTrusted(real, folders, vscode.workspace.isTrusted);
  mustBeTrusted(file, folders, vscode.workspace.isTrusted);
  return settings.loadParams(file);
}

/** Whoever opens the chat is about to ask: a small model is loaded while they type. A large one waits for the question. */
async function warm({ engine, models, log }: App): Promise<void> {
  try {
    if (engine.state.kind === "off" && (await models.library.defaultIsSmall())) await engine.ensureModel();
  } catch (thrown) {
    log.warn(`The model was not loaded ahead: ${errorData(thrown).message}`);
  }
}

async function restore({ chat, log }: App, conversations: ConversationStore): Promise<void> {
  try {
    const { damaged } = await conversations.load();
    if (damaged > 0) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t("{0} stored conversations were damaged and have been set aside. The log says where.", damaged),
      );
    }
    await chat.restore();
  } catch (thrown) {
    // The chat works without its past; what could not be read is still on disk.
    log.error(thrown instanceof Error ? thrown : String(thrown));
    void vscode.window.showWarningMessage(vscode.l10n.t("Stored conversations could not be read. The log says why."));
  }
}

function trees({ engine, models, tools, edits, mcp, memory, log }: App, store: Store): void {
  const tree = store.add(new ModelsTree(models.library, engine, models.downloads));
  store.add(vscode.window.createTreeView("vitrine.models", { treeDataProvider: tree }));
  const toolsTree = store.add(new ToolsTree(tools, mcp));
  store.add(vscode.window.createTreeView("vitrine.tools", { treeDataProvider: toolsTree }));
  const memoryTree = store.add(new MemoryTree(memory));
  store.add(vscode.window.createTreeView("vitrine.memory", { treeDataProvider: memoryTree, showCollapseAll: true }));
  const editsTree = store.add(new EditsTree(edits));
  const editsView = store.add(vscode.window.createTreeView("vitrine.edits", { treeDataProvider: editsTree }));
  store.add(editsView.onDidChangeCheckboxState(({ items }) => editsTree.toggled(items, log)));
}

/** Keeps `when` clauses and the chat up with what happens elsewhere. */
function follow({ engine, chat, memory, interventions, surprisal, models, mcp }: App, store: Store): void {
  const surprisalOn = () => setContext("vitrine.surprisalOn", surprisal.isOn(vscode.window.activeTextEditor?.document));
  store.add(
    engine.onDidChange(() => {
      setContext("vitrine.modelLoaded", engine.model !== null);
      setContext("vitrine.loading", engine.state.kind === "loading");
    }),
  );
  store.add(
    chat.onDidChange(() => {
      setContext("vitrine.answering", chat.answering);
      const { conversation } = chat;
      if (conversation.nodes.some((node) => node.role === "assistant")) setContext("vitrine.asked", true);
      if (conversation.nodes.some((node) => node.branch)) setContext("vitrine.branched", true);
    }),
  );
  let waiting = "";
  store.add(
    memory.onDidChange(() => {
      const now = memory.state.pending.map(({ id }) => id).join();
      if (now !== waiting) chat.refresh();
      waiting = now;
    }),
  );
  store.add(interventions.onDidChange(() => chat.refresh()));
  store.add(surprisal.onDidChange(surprisalOn));
  store.add(vscode.window.onDidChangeActiveTextEditor(surprisalOn));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => chat.refresh()));
  store.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (settings.affectsChat(event)) chat.refresh();
      if (event.affectsConfiguration("vitrine.modelsFolder")) models.library.refresh();
      if (event.affectsConfiguration("vitrine.mcp")) mcp.reload();
    }),
  );
}
