/** A command of the editor that an agent may run. */
export interface EditorCommand {
  id: string;
  /** What it does, in words. */
  does: string;
  /** It changes the text or the file in the active editor. */
  writes: boolean;
}

/**
 * The commands that may be run, and no others: none takes an argument, opens a folder, runs a program, changes a setting
 * or installs anything.
 */
export const editorCommands: readonly EditorCommand[] = [
  { id: "editor.action.formatDocument", does: "format the active file", writes: true },
  { id: "editor.action.organizeImports", does: "organize the imports of the active file", writes: true },
  { id: "editor.action.commentLine", does: "comment the selected lines in or out", writes: true },
  { id: "workbench.action.files.save", does: "save the active file", writes: true },
  { id: "undo", does: "undo the last change in the active editor", writes: true },
  { id: "redo", does: "redo the last change in the active editor", writes: true },
  { id: "editor.action.marker.next", does: "go to the next problem of the active file", writes: false },
  { id: "editor.foldAll", does: "fold every region of the active file", writes: false },
  { id: "editor.unfoldAll", does: "unfold every region of the active file", writes: false },
  { id: "workbench.action.splitEditor", does: "show the active file beside itself", writes: false },
  { id: "workbench.actions.view.problems", does: "show the problems", writes: false },
  { id: "workbench.action.output.toggleOutput", does: "show or hide the output", writes: false },
  { id: "workbench.view.explorer", does: "show the explorer", writes: false },
  { id: "workbench.view.scm", does: "show the source control view", writes: false },
];

/** A task of the workspace. */
export interface EditorTask {
  name: string;
  /** The command line as it will be run, or what kind of task it is. */
  command: string;
  /** Where it comes from, such as the workspace or npm. */
  source: string;
  /** A text that is another when anything of its definition is. */
  definition: string;
}

/** The editor as an agent operates it. Paths are absolute; the tools have resolved and judged them. */
export interface EditorHands {
  /** Path of the file in the active editor. */
  active(): string | undefined;
  /** The text as the editor has it, unsaved changes with it. Fails with `fileMissing`. */
  text(path: string): Promise<string>;
  /** Shows a file, a line of it in the middle. Lines count from 1. */
  show(path: string, line: number): Promise<void>;
  /** Puts another text in the editor, unsaved; false where the editor did not take it. */
  change(path: string, before: string, after: string): Promise<boolean>;
  command(id: string): Promise<void>;
  tasks(): Promise<EditorTask[]>;
  /** Runs a task to its end: its exit status, null where it has none. Aborting ends the task. */
  runTask(task: EditorTask, signal: AbortSignal): Promise<number | null>;
}
