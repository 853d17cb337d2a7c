import * as vscode from "vscode";
import { capabilityText } from "../../agent/tools/forge/capabilities";
import type { Forged } from "../../agent/tools/forge/forge";
import { approvalSummary } from "../../agent/tools/forge/forgedTool";
import { faults } from "../../agent/tools/calling/validate";
import { fail } from "../../contract/errors";
import type { Json, JsonSchema } from "../../contract/json";
import { namePattern } from "./place";
import { shownTool, type ShownTool } from "./shown";
import { compare } from "./compare";
import type { Workshop } from "./workshop";

/** What a command is about: a tool's file, and the text it was pressed on where that is known. */
export interface Target {
  uri: vscode.Uri;
  /** Of `textHash`. */
  seen?: string;
}

/** Asks for arguments, runs exactly the text that is shown, and opens its result. */
export async function run(workshop: Workshop, target: Target): Promise<void> {
  const shown = await shownTool(target.uri, target.seen);
  const tool = await same(workshop, shown);
  const manifest = tool.report.file?.manifest;
  if (!manifest) return fail("badArgument", vscode.l10n.t("{0} cannot be run: {1}", shown.name, firstProblem(tool)));
  const args = await askArguments(shown.name, manifest.parameters, manifest.examples[0]?.arguments ?? {});
  if (args === undefined) return;
  if (tool.state !== "approved" && manifest.capabilities.length > 0) {
    const yes = vscode.l10n.t("Run");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("Run {0}, which is not approved?", shown.name),
      { modal: true, detail: manifest.capabilities.map(capabilityText).join("\n") },
      yes,
    );
    if (answer !== yes) return;
  }
  const output = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Running {0}", shown.name),
      cancellable: true,
    },
    (_, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return workshop.run(shown.name, shown.hash, args, abort.signal);
    },
  );
  const content = output.value === undefined ? output.text : JSON.stringify(output.value, null, 2);
  const language = output.value === undefined ? "plaintext" : "json";
  const document = await vscode.workspace.openTextDocument({ language, content });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
}

/** Runs the checks, whether or not they ran before, and says what came of them. */
export async function test(workshop: Workshop, target: Target): Promise<void> {
  const { name } = await shownTool(target.uri, target.seen);
  const tool = await workshop.test(name);
  const { ok, examples, noticed } = tool.report;
  if (!ok) {
    void vscode.window.showWarningMessage(vscode.l10n.t("{0} does not pass its checks: {1}", name, firstProblem(tool)));
    return;
  }
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      "{0} passes: {1} examples, which notice {2} of {3} ways to break it.",
      name,
      examples.length,
      noticed.killed,
      noticed.of,
    ),
  );
}

/**
 * A person's yes to the text that is shown. From a list nobody has seen it: it is shown first, and asked for. What reaches
 * beyond its arguments is asked for in either case, with what it reaches.
 */
export async function approve(workshop: Workshop, target: Target, fromList: boolean): Promise<void> {
  const before = await shownTool(target.uri, target.seen);
  // What was approved before is shown beside what is to be approved now.
  if (fromList && !(await compare(workshop, before.name, target.uri))) await vscode.window.showTextDocument(target.uri);
  const tool = await same(workshop, before);
  const { file } = tool.report;
  if (file && (fromList || file.manifest.capabilities.length > 0)) {
    const yes = vscode.l10n.t("Approve");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("Let the agent use {0}?", before.name),
      { modal: true, detail: approvalSummary(file) },
      yes,
    );
    if (answer !== yes) return;
  }
  const approved = await workshop.approve(before.name, before.hash);
  if (approved.state === "approved")
    void vscode.window.showInformationMessage(vscode.l10n.t("{0} is approved: the agent may use it.", before.name));
  else
    void vscode.window.showWarningMessage(
      vscode.l10n.t("{0} is not offered to the agent: {1}", before.name, firstProblem(approved)),
    );
}

/** A person's no. It needs no exact text: nothing is offered after it. */
export async function reject(workshop: Workshop, name: string): Promise<void> {
  await workshop.reject(name);
  void vscode.window.showInformationMessage(
    vscode.l10n.t("{0} is not approved: the agent cannot use it. Its file stays.", name),
  );
}

export async function remove(workshop: Workshop, name: string): Promise<void> {
  const yes = vscode.l10n.t("Delete File");
  const tool = await workshop.get(name);
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Delete the tool {0}?", name),
    { modal: true, detail: tool.path },
    yes,
  );
  if (answer === yes) await workshop.remove(name);
}

/** Asks for a name, and opens a small tool of that name to be changed. */
export async function create(workshop: Workshop): Promise<void> {
  const taken = new Set((await workshop.infos()).map(({ name }) => name));
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("New tool"),
    prompt: vscode.l10n.t("Its name, as the agent calls it"),
    placeHolder: "count_words",
    validateInput: (text) => {
      if (!namePattern.test(text)) return vscode.l10n.t("Use small letters, digits and _, as in count_words.");
      return taken.has(text) ? vscode.l10n.t("There is a tool {0} already.", text) : undefined;
    },
  });
  if (name === undefined) return;
  const { path } = await workshop.create(name);
  await vscode.window.showTextDocument(vscode.Uri.file(path));
}

/** The tool as the forge reads it now, which must be the text that is shown. */
async function same(workshop: Workshop, shown: ShownTool): Promise<Forged> {
  const tool = await workshop.get(shown.name);
  if (tool.hash === shown.hash) return tool;
  return fail("notAllowed", vscode.l10n.t("{0} has changed since it was shown.", shown.name), {
    remedy: vscode.l10n.t("Look at it again."),
  });
}

async function askArguments(
  name: string,
  parameters: JsonSchema,
  first: Record<string, Json>,
): Promise<Record<string, Json> | undefined> {
  if (Object.keys(parameters.properties ?? {}).length === 0) return {};
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Run {0}", name),
    prompt: vscode.l10n.t("Arguments as JSON"),
    value: JSON.stringify(first),
    validateInput: (typed) => {
      const read = readArguments(typed);
      return read === undefined ? vscode.l10n.t("Write a JSON object.") : faults(read, parameters)[0];
    },
  });
  return text === undefined ? undefined : readArguments(text);
}

/** A JSON object, or undefined. */
function readArguments(text: string): Record<string, Json> | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function firstProblem({ report }: Forged): string {
  return report.problems.find(({ severity }) => severity === "error")?.message ?? report.problems[0]?.message ?? "";
}
