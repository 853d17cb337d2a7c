import type * as vscode from "vscode";
import type { EditFiles } from "./acting/editFiles";
import type { ChatService } from "./chat/service";
import type { DirectionsPanel } from "./directions/panel";
import type { EngineService } from "./engine/service";
import type { Interventions } from "./interventions/list";
import type { Switchboard } from "./interventions/switchboard";
import type { LabsPanel } from "./labs/panel";
import type { McpServers } from "./mcp/servers";
import type { ModelServices } from "./models/actions";
import type { OperatorPanel } from "./operator/panel";
import type { ResearchService } from "./research/service";
import type { SurprisalController } from "./surprisal/controller";
import type { Workshop } from "./tools/workshop";
import type { InstrumentPanels } from "./views/instrumentPanels";
import type { PlanPanel } from "./views/planPanel";
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
  directionsPanel: DirectionsPanel;
  panels: InstrumentPanels;
  edits: EditFiles;
  surprisal: SurprisalController;
  tools: Workshop;
  research: ResearchService;
  operator: OperatorPanel;
  labs: LabsPanel;
  trace: TracePanel;
  mcp: McpServers;
  plan: PlanPanel;
}
