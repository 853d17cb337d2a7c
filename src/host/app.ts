import type * as vscode from "vscode";
import type { ChatService } from "./chat/service";
import type { EngineService } from "./engine/service";
import type { Interventions } from "./interventions/list";
import type { Switchboard } from "./interventions/switchboard";
import type { MemoryPanel } from "./memory/panel";
import type { WorkspaceMemory } from "./memory/workspaceMemory";
import type { ModelServices } from "./models/actions";
import type { SurprisalController } from "./surprisal/controller";
import type { Workshop } from "./tools/workshop";
import type { InstrumentPanels } from "./views/instrumentPanels";
import type { TracePanel } from "./views/tracePanel";

/** The services that commands act on. */
export interface App {
  extension: vscode.ExtensionContext;
  log: vscode.LogOutputChannel;
  engine: EngineService;
  models: ModelServices;
  chat: ChatService;
  interventions: Interventions;
  switchboard: Switchboard;
  panels: InstrumentPanels;
  surprisal: SurprisalController;
  tools: Workshop;
  memory: WorkspaceMemory;
  memoryPanel: MemoryPanel;
  trace: TracePanel;
}
