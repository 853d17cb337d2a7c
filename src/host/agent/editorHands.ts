import * as vscode from "vscode";
import type { EditorHands, EditorTask } from "../../contract/editorHands";
import { fail } from "../../contract/errors";

/** The editor's hands. What they may be asked for was judged by the tools. */
export const editorHands: EditorHands = {
  active: () => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    return uri && ["file", "vscode-remote"].includes(uri.scheme) ? uri.fsPath : undefined;
  },
  text: async (path) => (await opened(path)).getText(),
  show: async (path, line) => {
    const at = new vscode.Range(line - 1, 0, line - 1, 0);
    const editor = await vscode.window.showTextDocument(await opened(path), { selection: at, preview: true });
    editor.revealRange(at, vscode.TextEditorRevealType.InCenter);
  },
  change: async (path, before, after) => {
    const document = await opened(path);
    if (document.getText() !== before) return false;
    await vscode.window.showTextDocument(document, { preview: false, preserveFocus: true });
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), after);
    return vscode.workspace.applyEdit(edit);
  },
  command: async (id) => {
    await vscode.commands.executeCommand(id);
  },
  tasks: async () => (await vscode.tasks.fetchTasks()).map(described),
  runTask: async (wanted, signal) => {
    const found = (await vscode.tasks.fetchTasks()).find((task) => described(task).definition === wanted.definition);
    return found ? toItsEnd(found, signal) : fail("badArgument", `There is no task ${wanted.name}.`);
  },
};

async function opened(path: string): Promise<vscode.TextDocument> {
  return vscode.workspace.openTextDocument(vscode.Uri.file(path));
}

function described(task: vscode.Task): EditorTask {
  const { name, source, definition, execution } = task;
  return {
    name,
    source,
    command: commandOf(execution) ?? `a task of kind ${definition.type}`,
    definition: JSON.stringify({ name, source, definition, run: partsOf(execution) }),
  };
}

function commandOf(execution: vscode.Task["execution"]): string | undefined {
  if (execution instanceof vscode.ShellExecution) {
    return execution.commandLine ?? [execution.command, ...(execution.args ?? [])].map(word).join(" ");
  }
  if (execution instanceof vscode.ProcessExecution) return [execution.process, ...execution.args].join(" ");
  return undefined;
}

/** Everything that says what will be run, its folder and environment with it. */
function partsOf(execution: vscode.Task["execution"]): unknown {
  if (execution instanceof vscode.ShellExecution) {
    const { commandLine, command, args, options } = execution;
    return { commandLine, command, args, options };
  }
  if (execution instanceof vscode.ProcessExecution) {
    const { process, args, options } = execution;
    return { process, args, options };
  }
  return null;
}

function word(part: string | vscode.ShellQuotedString | undefined): string {
  return part === undefined ? "" : typeof part === "string" ? part : part.value;
}

/** Runs a task until its process ends, or until the task itself ends where it has none. */
async function toItsEnd(task: vscode.Task, signal: AbortSignal): Promise<number | null> {
  const subscriptions: vscode.Disposable[] = [];
  try {
    const begun: { execution?: vscode.TaskExecution } = {};
    const ended = new Promise<number | null>((resolve) => {
      const mine = (execution: vscode.TaskExecution): boolean => execution === begun.execution;
      subscriptions.push(
        vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
          if (mine(execution)) resolve(exitCode ?? null);
        }),
        vscode.tasks.onDidEndTask(({ execution }) => {
          // The event of its process, where it has one, comes about now.
          if (mine(execution)) setTimeout(() => resolve(null), 500);
        }),
      );
    });
    begun.execution = await vscode.tasks.executeTask(task);
    const stop = (): void => begun.execution?.terminate();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const exit = await ended;
    signal.removeEventListener("abort", stop);
    if (signal.aborted) fail("cancelled", "Cancelled; the task was ended.");
    return exit;
  } finally {
    subscriptions.forEach((subscription) => subscription.dispose());
  }
}
