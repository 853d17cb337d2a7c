import { editorCommands, type EditorHands } from "../../contract/editorHands";
import { fail } from "../../contract/errors";
import type { FilesPort } from "../../contract/tool";
import { unifiedDiff } from "../tools/diff";
import { cleanText, hidesSomething } from "../tools/output";
import { protectedForReading, protectedForWriting, resolvePath, type ResolvedPath } from "../tools/paths";
import { pure, textArgument, type PreparedCall, type Tool, type ToolArguments } from "../tools/tool";

/** Lines shown to the model on each side of the line it opened. */
const around = 8;
const longest = 4_000_000;

/** The editor as tools of the agent: a curated set, each with the same approvals as every other tool. */
export function editorHandTools(hands: EditorHands, files: FilesPort): Tool[] {
  return [showTool(hands, files), changeTool(hands, files), listCommands(), commandTool(hands, files), taskTool(hands)];
}

function showTool(hands: EditorHands, files: FilesPort): Tool {
  return {
    name: "editor_show",
    description: "Open a file at a line in the editor, for the person to see.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "file, relative to the workspace" },
        line: { type: "integer", minimum: 1, description: "line to show" },
      },
      required: ["path"],
    },
    source: "vscode",
    effects: ["read"],
    prepare: async (args) => {
      const where = await aFile(files, textArgument(args, "path"));
      const secret = protectedForReading(where.shown);
      const wanted = typeof args["line"] === "number" ? args["line"] : 1;
      return {
        effects: ["read"],
        target: { kind: "path", path: where.path, shown: where.shown },
        summary: `Show ${where.shown} at line ${wanted} in the editor`,
        ...(secret === undefined ? {} : { mustAsk: `${where.shown} is asked for each time: ${secret}.` }),
        reversal: "none",
        act: async () => {
          const lines = (await hands.text(where.path)).split("\n");
          const line = Math.min(wanted, lines.length);
          await hands.show(where.path, line);
          const from = Math.max(1, line - around);
          const shown = lines.slice(from - 1, line + around).map((text, index) => `${from + index}: ${text}`);
          return { text: cleanText(`${where.shown}, line ${line}:\n${shown.join("\n")}`), taint: "file" };
        },
      };
    },
  };
}

function changeTool(hands: EditorHands, files: FilesPort): Tool {
  return {
    name: "editor_change",
    description: "Replace a text in the editor, unsaved, for the person to review.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "file, relative to the workspace" },
        old: { type: "string", description: "the text to replace; it stands there once" },
        new: { type: "string", description: "the text in its place" },
      },
      required: ["path", "old", "new"],
    },
    source: "vscode",
    effects: ["write"],
    prepare: async (args) => {
      const where = await aFile(files, textArgument(args, "path"));
      const before = await hands.text(where.path);
      const after = replaced(before, textArgument(args, "old"), textArgument(args, "new"), where.shown);
      const diff = unifiedDiff(before, after, where.shown);
      return {
        ...writing(where, `Change ${where.shown} in the editor, unsaved`),
        diff,
        act: async () => {
          // What was approved is this change of this text.
          if ((await hands.text(where.path)) !== before || !(await hands.change(where.path, before, after))) {
            fail("notAllowed", `${where.shown} was changed meanwhile; nothing was done.`, {
              remedy: "Look at it again.",
            });
          }
          return { text: `Changed ${where.shown} in the editor. It is not saved.`, diff };
        },
      };
    },
  };
}

function listCommands(): Tool {
  return {
    name: "editor_commands",
    description: "List the commands of the editor that may be run.",
    parameters: { type: "object", properties: {}, required: [] },
    source: "vscode",
    effects: [],
    prepare: () =>
      Promise.resolve(
        pure("List the editor's commands", () =>
          Promise.resolve({ text: editorCommands.map(({ id, does }) => `${id}: ${does}`).join("\n") }),
        ),
      ),
  };
}

function commandTool(hands: EditorHands, files: FilesPort): Tool {
  return {
    name: "editor_command",
    description: "Run a command of the editor on the active file.",
    parameters: {
      type: "object",
      properties: { command: { type: "string", enum: editorCommands.map(({ id }) => id) } },
      required: ["command"],
    },
    source: "vscode",
    effects: ["read", "write"],
    prepare: async (args) => {
      const id = textArgument(args, "command");
      const command = editorCommands.find((each) => each.id === id);
      if (!command) {
        fail("notAllowed", `The command ${JSON.stringify(id.slice(0, 80))} is not one that may be run.`, {
          remedy: "editor_commands lists them.",
        });
      }
      if (!command.writes) {
        return {
          effects: ["read"],
          target: { kind: "text", text: command.id },
          summary: `In the editor: ${command.does}`,
          reversal: "none",
          act: () => hands.command(command.id).then(() => ({ text: `Done: ${command.does}.` })),
        };
      }
      const active = hands.active();
      if (active === undefined) {
        fail("badArgument", "No file is in the active editor.", { remedy: "Open one with editor_show." });
      }
      const where = await aFile(files, active);
      const before = await hands.text(where.path);
      return {
        ...writing(where, `In the editor: ${command.does} (${where.shown})`),
        act: async () => {
          if (hands.active() !== active) {
            fail("notAllowed", "Another file is in the active editor now; nothing was done.", {
              remedy: "Open it with editor_show.",
            });
          }
          await hands.command(command.id);
          const diff = unifiedDiff(before, await hands.text(where.path), where.shown);
          return { text: `Done: ${command.does} (${where.shown}).`, ...(diff === "" ? {} : { diff }) };
        },
      };
    },
  };
}

function taskTool(hands: EditorHands): Tool {
  return {
    name: "editor_task",
    description: "Run a task of the workspace by its name; without a name, list the tasks.",
    parameters: { type: "object", properties: { name: { type: "string" } }, required: [] },
    source: "vscode",
    effects: ["execute", "irreversible"],
    prepare: async (args: ToolArguments, { signal }) => {
      const name = textArgument(args, "name");
      if (name === "") {
        return pure("List the tasks", async () => {
          const lines = (await hands.tasks()).slice(0, 100).map((task) => `${task.name}: ${task.command}`);
          return { text: cleanText(lines.join("\n")) || "The workspace has no tasks.", taint: "file" };
        });
      }
      const named = (await hands.tasks()).filter((each) => each.name === name);
      const [task] = named;
      if (!task) fail("badArgument", `There is no task ${JSON.stringify(name.slice(0, 80))}.`);
      if (named.length > 1)
        fail("badArgument", `${named.length} tasks are called ${JSON.stringify(name.slice(0, 80))}.`);
      if (hidesSomething(task.command)) fail("notAllowed", "The task holds characters that would not be seen.");
      return {
        effects: ["execute", "irreversible"],
        target: { kind: "command", command: `${task.command}\n${task.definition}`, folder: task.source },
        summary: `Run the task ${JSON.stringify(task.name)} of ${task.source}: ${task.command}`,
        reversal: "no",
        act: async () => {
          const again = (await hands.tasks()).filter((each) => each.name === name);
          if (again.length !== 1 || again[0]?.definition !== task.definition) {
            fail("notAllowed", "The task was changed since it was approved; nothing was run.");
          }
          const exit = await hands.runTask(task, signal);
          const end = exit === null ? "It ended without an exit status." : `Exit status ${exit}.`;
          return {
            text: `${end} Its output is in the terminal.`,
            failed: exit !== null && exit !== 0,
            taint: "command",
          };
        },
      };
    },
  };
}

function writing(where: ResolvedPath, summary: string): Omit<PreparedCall, "act"> {
  const guarded = protectedForWriting(where.shown);
  return {
    effects: ["write"],
    target: { kind: "path", path: where.path, shown: where.shown },
    summary: where.linked ? `${summary} (a link to ${where.path})` : summary,
    ...(guarded === undefined ? {} : { mustAsk: `${where.shown} is only written by your own click: ${guarded}.` }),
    // The editor's own undo takes it back; the run's does not.
    reversal: "no",
  };
}

async function aFile(files: FilesPort, given: string): Promise<ResolvedPath> {
  const where = await resolvePath(files, given);
  const { kind, size } = await files.stat(where.path);
  if (kind === "missing") fail("fileMissing", `There is no file ${where.shown}.`);
  if (kind !== "file") fail("badArgument", `${where.shown} is no plain file.`);
  if (size > longest) fail("tooLarge", `${where.shown} is too large to edit (${size} bytes).`);
  return where;
}

function replaced(text: string, old: string, next: string, shown: string): string {
  const first = old === "" ? -1 : text.indexOf(old);
  if (first < 0) fail("badArgument", `The text to replace is not in ${shown}.`, { remedy: "Copy the text exactly." });
  if (text.indexOf(old, first + 1) >= 0) {
    fail("badArgument", `The text to replace stands in ${shown} more than once.`, {
      remedy: "Take more of the lines around it.",
    });
  }
  return text.slice(0, first) + next + text.slice(first + old.length);
}
