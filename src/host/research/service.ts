import * as vscode from "vscode";
import { Researches, searchAddress } from "../../agent/node/openResearch";
import type { Research } from "../../agent/research/research";
import type { Brain } from "../../contract/brain";
import { fail } from "../../contract/errors";
import type { ResearchStep, ResearchView } from "../../contract/research";
import { workspaceFolders } from "../agent/agents";
import { searchEngine } from "../settings";

/** Researches of the folder that is open: in the background, each in a notification that pauses it. */
export class ResearchService implements vscode.Disposable {
  private readonly running = new Map<string, Research>();

  constructor(private readonly load: (signal?: AbortSignal) => Promise<Brain>) {}

  async start(question: string): Promise<void> {
    const researches = await this.open(true);
    await this.follow(researches.create({ question }));
  }

  /** Every research in a list: a finished one opens its report, a paused one goes on, a running one is paused. */
  async list(): Promise<void> {
    const views = await (await this.open(false)).list();
    const items = views.map((view) => ({
      label: view.question.slice(0, 120),
      description: this.stateWord(view),
      detail: view.report ?? vscode.l10n.t("{0} claims from {1} sources", view.notes, view.read.length),
      view,
    }));
    const picked = await vscode.window.showQuickPick(items, {
      placeHolder: vscode.l10n.t("Open or resume a research"),
    });
    if (!picked) return;
    const { id, report } = picked.view;
    if (report !== undefined) await openReport(report);
    else if (this.running.has(id)) this.running.get(id)?.pause();
    else await this.follow(await (await this.open(true)).resume(id));
  }

  dispose(): void {
    for (const research of this.running.values()) research.pause();
  }

  private async open(thinks: boolean): Promise<Researches> {
    if (!vscode.workspace.isTrusted) fail("notAllowed", vscode.l10n.t("The agent is off in an untrusted workspace."));
    const folders = workspaceFolders();
    if (folders.length === 0) fail("notAllowed", vscode.l10n.t("The agent works in a folder, and none is open."));
    const engine = searchEngine();
    if (engine !== "") searchAddress(engine);
    const brain = thinks ? await this.load() : nobody;
    return Researches.open({ folders, brain, ...(engine === "" ? {} : { searchEngine: engine }) });
  }

  private async follow(research: Research): Promise<void> {
    this.running.set(research.id, research);
    const title = vscode.l10n.t("Research: {0}", research.view().question.slice(0, 80));
    const view = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        token.onCancellationRequested(() => research.pause());
        let shown = 0;
        research.onEvent((_, now) => {
          const increment = Math.max(0, now.progress - shown) * 100;
          shown = Math.max(shown, now.progress);
          progress.report({ message: doing(now.doing), increment });
        });
        return research.run();
      },
    );
    this.running.delete(research.id);
    if (view.error) fail(view.error.code, view.error.message, view.error.remedy ? { remedy: view.error.remedy } : {});
    if (view.report !== undefined) await openReport(view.report);
    else
      void vscode.window.showInformationMessage(
        vscode.l10n.t("The research is paused; the list of researches resumes it."),
      );
  }

  private stateWord({ id, state }: ResearchView): string {
    if (this.running.has(id)) return vscode.l10n.t("running");
    if (state === "done") return vscode.l10n.t("done");
    return state === "failed" ? vscode.l10n.t("failed") : vscode.l10n.t("paused");
  }
}

/** Looking at the list thinks nothing. */
const nobody: Brain = {
  name: "none",
  local: true,
  context: 0,
  count: () => Promise.resolve(0),
  reply: () => Promise.resolve().then(() => fail("noModel", "No model is asked here.")),
};

async function openReport(report: string): Promise<void> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (!root) return;
  const uri = vscode.Uri.joinPath(root, ...report.split("/"));
  await vscode.window.showTextDocument(uri, { preview: false });
}

function doing(step: ResearchStep): string {
  switch (step.kind) {
    case "asking":
      return vscode.l10n.t("finding questions");
    case "searching":
      return vscode.l10n.t("searching: {0}", step.what.slice(0, 80));
    case "reading":
      return vscode.l10n.t("reading {0}", step.what.slice(0, 80));
    case "noting":
      return vscode.l10n.t("taking notes on {0}", step.what.slice(0, 80));
    case "comparing":
      return vscode.l10n.t("comparing claims");
    case "writing":
      return vscode.l10n.t("writing the report");
    case "nothing":
      return "";
  }
}
