import * as vscode from "vscode";
import { exampleLine } from "../../agent/tools/forge/check";
import type { Forged } from "../../agent/tools/forge/forge";
import { errorData } from "../../contract/errors";
import { workspaceFolders } from "../agent/agents";
import { Store } from "../dispose";
import type { Log } from "../log";
import type { Workshop } from "./workshop";

/** A tool's examples as tests of the Test Explorer, run in the sandbox as the forge runs them. */
export class ToolTests implements vscode.Disposable {
  private readonly store = new Store();
  private readonly controller = this.store.add(
    vscode.tests.createTestController("vitrine.tools", vscode.l10n.t("Vitrine tools")),
  );

  constructor(
    private readonly workshop: Pick<Workshop, "list" | "refresh" | "test" | "onDidChange">,
    private readonly log: Log,
  ) {
    const { controller } = this;
    controller.resolveHandler = (item) => (item ? undefined : this.fill());
    controller.refreshHandler = () => this.fill(true);
    this.store.add(
      controller.createRunProfile(
        vscode.l10n.t("Run Examples"),
        vscode.TestRunProfileKind.Run,
        (request, token) => this.run(request, token),
        true,
      ),
    );
    this.store.add(workshop.onDidChange(() => void this.fill()));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Tests for the tools there are. Nothing is shown of a workspace that is not trusted. */
  private async fill(anew = false): Promise<void> {
    if (!vscode.workspace.isTrusted || workspaceFolders().length === 0) return this.controller.items.replace([]);
    try {
      const tools = await (anew ? this.workshop.refresh() : this.workshop.list());
      this.controller.items.replace(tools.map((tool) => this.item(tool)));
    } catch (thrown) {
      this.log.warn(`The tools' examples were not listed: ${errorData(thrown).message}`);
    }
  }

  private item(tool: Forged): vscode.TestItem {
    const uri = vscode.Uri.file(tool.path);
    const item = this.controller.createTestItem(tool.name, tool.name, uri);
    item.range = lineRange(1);
    const examples = tool.report.file?.manifest.examples ?? [];
    item.children.replace(
      examples.map((example, index) => {
        const label = JSON.stringify(example.arguments).slice(0, 120);
        const child = this.controller.createTestItem(`${tool.name}#${index}`, label, uri);
        child.range = lineRange(exampleLine(tool.source, index));
        child.sortText = String(index).padStart(4, "0");
        return child;
      }),
    );
    return item;
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    // By name: what came of an earlier check may have replaced the items that were chosen.
    if (!request.include && this.controller.items.size === 0) await this.fill();
    const names = new Set((request.include ?? members(this.controller.items)).map(({ id }) => toolOf(id)));
    for (const { id } of request.exclude ?? []) if (!id.includes("#")) names.delete(id);
    const wanted = request.include && new Set(request.include.map(({ id }) => id));
    const run = this.controller.createTestRun(request);
    try {
      for (const name of names) {
        if (token.isCancellationRequested) break;
        this.controller.items.get(name)?.children.forEach((child) => run.started(child));
        await this.runTool(run, name, wanted);
      }
    } finally {
      run.end();
    }
  }

  private async runTool(run: vscode.TestRun, name: string, wanted: Set<string> | undefined): Promise<void> {
    try {
      const tool = await this.workshop.test(name);
      const item = this.item(tool);
      this.controller.items.add(item);
      const asked = (id: string) => wanted === undefined || wanted.has(name) || wanted.has(id);
      for (const result of tool.report.examples) {
        const child = item.children.get(`${name}#${result.example}`);
        if (!child || !asked(child.id)) continue;
        if (result.ok) run.passed(child, result.ms);
        else run.failed(child, exampleMessage(tool, result), result.ms);
      }
      const others = tool.report.problems.filter(
        ({ severity, message }) => severity === "error" && !/^Example \d+ fails:/.test(message),
      );
      if (others.length > 0)
        run.failed(
          item,
          others.map(({ message, line }) => at(tool, message, line)),
        );
      else if (tool.report.ok) run.passed(item);
    } catch (thrown) {
      const item = this.controller.items.get(name);
      if (item) run.errored(item, new vscode.TestMessage(errorData(thrown).message));
    }
  }
}

function exampleMessage(tool: Forged, result: Forged["report"]["examples"][number]): vscode.TestMessage {
  const line = exampleLine(tool.source, result.example);
  const expected = tool.report.file?.manifest.examples[result.example]?.result ?? null;
  if (result.error !== undefined) return at(tool, result.error, line);
  const message = at(tool, vscode.l10n.t("The result is not the one that the example says."), line);
  message.expectedOutput = JSON.stringify(expected, null, 2);
  message.actualOutput = JSON.stringify(result.got ?? null, null, 2);
  return message;
}

function at({ path }: Forged, text: string, line: number): vscode.TestMessage {
  const message = new vscode.TestMessage(text);
  message.location = new vscode.Location(vscode.Uri.file(path), lineRange(line));
  return message;
}

function lineRange(line: number): vscode.Range {
  const place = new vscode.Position(Math.max(0, line - 1), 0);
  return new vscode.Range(place, place);
}

function members(items: vscode.TestItemCollection): vscode.TestItem[] {
  const found: vscode.TestItem[] = [];
  items.forEach((item) => found.push(item));
  return found;
}

function toolOf(id: string): string {
  return id.split("#", 1)[0] ?? id;
}
