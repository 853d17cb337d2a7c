/** A stand-in for the `vscode` module: enough of it for the host's services, and a hand on what a person would do. */

type Listener<T> = (value: T) => unknown;

export class Disposable {
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => items.forEach((item) => item.dispose()));
  }
  constructor(private readonly act: () => unknown) {}
  dispose(): void {
    this.act();
  }
}

export class EventEmitter<T> {
  private listeners: Listener<T>[] = [];
  readonly event = (listener: Listener<T>): Disposable => {
    this.listeners.push(listener);
    return new Disposable(() => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    });
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose(): void {
    this.listeners = [];
  }
}

export class Uri {
  static file(path: string): Uri {
    return new Uri("file", path);
  }
  static parse(text: string): Uri {
    const [, scheme = "file", path = text] = /^([a-z][\w.+-]*):(.*)$/i.exec(text) ?? [];
    return new Uri(scheme, path.replace(/^\/\//, ""));
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(base.scheme, [base.path, ...parts].join("/"));
  }
  constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return `${this.scheme}:${this.path}`;
  }
}

export class ThemeColor {
  constructor(readonly id: string) {}
}
export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}
export class MarkdownString {
  value = "";
  isTrusted: unknown;
  supportHtml = false;
  appendText(text: string): this {
    this.value += text;
    return this;
  }
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}
export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
export class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}
export class Hover {
  constructor(
    readonly contents: unknown,
    readonly range?: Range,
  ) {}
}
export class CodeLens {
  constructor(
    readonly range: Range,
    readonly command?: { title: string; command: string; arguments?: unknown[] },
  ) {}
}
export class Diagnostic {
  source = "";
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}
export class RelativePattern {
  constructor(
    readonly base: string,
    readonly pattern: string,
  ) {}
}
export class LanguageModelTextPart {
  constructor(readonly value: string) {}
}
export class LanguageModelToolCallPart {
  constructor(
    readonly callId: string,
    readonly name: string,
    readonly input: object,
  ) {}
}
export class LanguageModelToolResultPart {
  constructor(
    readonly callId: string,
    readonly content: unknown[],
  ) {}
}
export const LanguageModelChatToolMode = { Auto: 1, Required: 2 };
export class LanguageModelError extends Error {
  static NotFound(message: string): LanguageModelError {
    return new LanguageModelError(message);
  }
}
export const LanguageModelChatMessageRole = { User: 1, Assistant: 2 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const TreeItemCheckboxState = { Unchecked: 0, Checked: 1 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const ProgressLocation = { Window: 10, Notification: 15 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const OverviewRulerLane = { Right: 4 };
export const DecorationRangeBehavior = { ClosedClosed: 1 };
export const ConfigurationTarget = { Global: 1, Workspace: 2 };
export const TestRunProfileKind = { Run: 1 };
export class Location {
  constructor(
    readonly uri: Uri,
    readonly range: Range,
  ) {}
}
export class TestMessage {
  location: Location | undefined;
  expectedOutput: string | undefined;
  actualOutput: string | undefined;
  constructor(readonly message: string) {}
}
export const ViewColumn = { Active: -1, Beside: -2 };
export const DiagnosticSeverity = { Error: 0, Warning: 1 };

/** A document as an editor holds it. */
export interface FakeDocument {
  uri: Uri;
  isDirty: boolean;
  getText(): string;
}

/** What a test sets up and looks at. `reset` before each test. */
export const fake = {
  settings: new Map<string, unknown>(),
  /** The button a person presses on the next message; undefined closes it. */
  answer: undefined as string | undefined,
  shown: [] as { kind: "info" | "warning" | "error"; message: string; buttons: string[] }[],
  executed: [] as [command: string, ...args: unknown[]][],
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  /** Addresses that were opened outside. */
  opened: [] as string[],
  /** What a person answers when asked where to save. */
  saveTarget: undefined as string | undefined,
  /** Files of the workspace by path, and files that were written. */
  files: new Map<string, string>(),
  written: new Map<string, Uint8Array>(),
  documentChanged: new EventEmitter<unknown>(),
  documentClosed: new EventEmitter<unknown>(),
  visibleEditors: new EventEmitter<unknown[]>(),
  willSave: new EventEmitter<{ document: unknown }>(),
  saved: new EventEmitter<unknown>(),
  foldersChanged: new EventEmitter<unknown>(),
  trusted: new EventEmitter<unknown>(),
  /** A file that was changed past the editor. */
  fileChanged: new EventEmitter<unknown>(),
  /** Documents by path, and those that were shown. */
  documents: new Map<string, FakeDocument>(),
  shownDocuments: [] as unknown[],
  /** What a person types when asked, given what is filled in; undefined closes the box. */
  typed: undefined as ((box: InputBox) => string | undefined) | undefined,
  diagnostics: new Map<string, Diagnostic[]>(),
  /** Places of the items that a person picks; undefined closes the list. */
  picks: undefined as number[] | undefined,
  /** What the Test Explorer was told, and what it can ask. */
  tests: undefined as FakeTests | undefined,
  reset(): void {
    fake.settings.clear();
    fake.answer = undefined;
    fake.shown.length = 0;
    fake.executed.length = 0;
    fake.commands.clear();
    fake.opened.length = 0;
    fake.saveTarget = undefined;
    fake.files.clear();
    fake.written.clear();
    fake.documents.clear();
    fake.shownDocuments.length = 0;
    fake.typed = undefined;
    fake.diagnostics.clear();
    fake.picks = undefined;
    fake.tests = undefined;
    workspace.isTrusted = true;
    workspace.workspaceFolders = undefined;
    window.visibleTextEditors.length = 0;
    workspace.textDocuments.length = 0;
  },
};

export interface InputBox {
  value?: string;
  validateInput?: (text: string) => string | undefined;
}

function message(kind: "info" | "warning" | "error") {
  return (text: string, ...rest: unknown[]): Promise<unknown> => {
    const items = rest.filter(
      (item) => typeof item === "string" || (typeof item === "object" && "title" in (item ?? {})),
    );
    const titles = items.map((item) => (typeof item === "string" ? item : (item as { title: string }).title));
    fake.shown.push({ kind, message: text, buttons: titles });
    return Promise.resolve(items[titles.indexOf(fake.answer ?? "")]);
  };
}

export const l10n = {
  bundle: undefined,
  t: (text: string, ...values: unknown[]): string =>
    text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
};

export const env = {
  language: "en",
  clipboard: { writeText: () => Promise.resolve() },
  openExternal: (uri: Uri) => Promise.resolve(fake.opened.push(uri.toString()) > 0),
};

export const commands = {
  registerCommand(id: string, run: (...args: unknown[]) => unknown): Disposable {
    if (fake.commands.has(id)) throw new Error(`command '${id}' already exists`);
    fake.commands.set(id, run);
    return new Disposable(() => fake.commands.delete(id));
  },
  executeCommand(id: string, ...args: unknown[]): Promise<unknown> {
    fake.executed.push([id, ...args]);
    return Promise.resolve(fake.commands.get(id)?.(...args));
  },
};

export const window = {
  visibleTextEditors: [] as unknown[],
  activeTextEditor: undefined,
  showInformationMessage: message("info"),
  showWarningMessage: message("warning"),
  showErrorMessage: message("error"),
  showInputBox: (box: InputBox) => Promise.resolve(fake.typed?.(box)),
  showQuickPick: (items: unknown[]) => Promise.resolve(fake.picks?.map((index) => items[index])),
  showTextDocument: (shown: unknown) => Promise.resolve(void fake.shownDocuments.push(shown)),
  showSaveDialog: () => Promise.resolve(fake.saveTarget === undefined ? undefined : Uri.file(fake.saveTarget)),
  createTextEditorDecorationType: (options: unknown) => ({ options, dispose: () => undefined }),
  onDidChangeVisibleTextEditors: fake.visibleEditors.event,
  withProgress: (_options: unknown, task: (progress: unknown, token: unknown) => unknown) =>
    Promise.resolve(
      task({ report: () => undefined }, { onCancellationRequested: () => new Disposable(() => undefined) }),
    ),
};

export const workspace = {
  isTrusted: true,
  textDocuments: [] as unknown[],
  workspaceFolders: undefined as { uri: { fsPath: string } }[] | undefined,
  findFiles: () => Promise.resolve([...fake.files.keys()].map((file) => Uri.file(file))),
  asRelativePath: (uri: Uri) => uri.path.split("/").at(-1),
  fs: {
    createDirectory: () => Promise.resolve(),
    stat: (uri: Uri) => Promise.resolve({ size: fake.files.get(uri.path)?.length ?? 0 }),
    readFile: (uri: Uri) => Promise.resolve(Buffer.from(fake.files.get(uri.path) ?? "")),
    writeFile: (uri: Uri, bytes: Uint8Array) => Promise.resolve(void fake.written.set(uri.path, bytes)),
  },
  onWillSaveTextDocument: fake.willSave.event,
  onDidSaveTextDocument: fake.saved.event,
  onDidChangeWorkspaceFolders: fake.foldersChanged.event,
  onDidGrantWorkspaceTrust: fake.trusted.event,
  openTextDocument: (what: Uri | { content: string }) =>
    Promise.resolve("content" in what ? what : fake.documents.get(what.path)),
  registerTextDocumentContentProvider: () => new Disposable(() => undefined),
  createFileSystemWatcher: () => ({
    onDidChange: fake.fileChanged.event,
    onDidCreate: fake.fileChanged.event,
    onDidDelete: fake.fileChanged.event,
    dispose: () => undefined,
  }),
  onDidChangeTextDocument: fake.documentChanged.event,
  onDidCloseTextDocument: fake.documentClosed.event,
  getConfiguration: (section: string) => ({
    get: (key: string) => fake.settings.get(`${section}.${key}`),
    inspect: () => undefined,
    update: (key: string, value: unknown) => {
      fake.settings.set(`${section}.${key}`, value);
      return Promise.resolve();
    },
  }),
};

/** A test of the Test Explorer, and the list of those below it. */
export interface FakeTestItem {
  id: string;
  label: string;
  uri: Uri;
  range?: Range;
  children: FakeTestItems;
}
export class FakeTestItems {
  private held = new Map<string, FakeTestItem>();
  get size(): number {
    return this.held.size;
  }
  get = (id: string) => this.held.get(id);
  add = (item: FakeTestItem) => void this.held.set(item.id, item);
  replace = (items: FakeTestItem[]) => void (this.held = new Map(items.map((item) => [item.id, item])));
  forEach = (act: (item: FakeTestItem) => void) => this.held.forEach((item) => act(item));
}
export interface FakeTests {
  items: FakeTestItems;
  resolveHandler?: (item?: FakeTestItem) => unknown;
  refreshHandler?: () => unknown;
  run?: (request: unknown, token: unknown) => Promise<void>;
  told: { what: string; id: string; messages?: TestMessage[] }[];
}

export const tests = {
  createTestController(): unknown {
    const told: FakeTests["told"] = [];
    const items = new FakeTestItems();
    const tell = (what: string) => (item: FakeTestItem, messages?: TestMessage | TestMessage[]) =>
      void told.push({ what, id: item.id, ...(typeof messages === "object" ? { messages: [messages].flat() } : {}) });
    const controller = {
      items,
      told,
      createTestItem: (id: string, label: string, uri: Uri): FakeTestItem => ({
        id,
        label,
        uri,
        children: new FakeTestItems(),
      }),
      createRunProfile: (_label: string, _kind: number, run: NonNullable<FakeTests["run"]>) => {
        fake.tests = Object.assign(controller, { run });
        return new Disposable(() => undefined);
      },
      createTestRun: () => ({
        started: tell("started"),
        passed: tell("passed"),
        failed: tell("failed"),
        errored: tell("errored"),
        end: () => void told.push({ what: "end", id: "" }),
      }),
      dispose: () => undefined,
    };
    return controller;
  },
};

export const languages = {
  registerHoverProvider: () => new Disposable(() => undefined),
  registerCodeLensProvider: () => new Disposable(() => undefined),
  createDiagnosticCollection: () => ({
    set: (uri: Uri, found: Diagnostic[]) => void fake.diagnostics.set(uri.path, found),
    clear: () => fake.diagnostics.clear(),
    dispose: () => fake.diagnostics.clear(),
  }),
};
