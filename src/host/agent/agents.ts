import { existsSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { nodeFiles } from "../../agent/node/nodeFiles";
import { openAgent, type Agent } from "../../agent/node/openAgent";
import { editorHandTools } from "../../agent/operator/editorTools";
import { Operator } from "../../agent/operator/operator";
import { launchBrowser } from "../../agent/operator/playwright/launch";
import { Sites } from "../../agent/operator/sites";
import { browserTools } from "../../agent/operator/tools";
import type { Tool } from "../../agent/tools/tool";
import type { Brain } from "../../contract/brain";
import { fail } from "../../contract/errors";
import type { SandboxMethods } from "../../contract/sandbox";
import type { ApprovalsPort } from "../../contract/tool";
import { Supervisor } from "../../wire/supervisor";
import type { Log } from "../log";
import { operatorSettings } from "../settings";
import { editorHands } from "./editorHands";
import { editorPort } from "./editorPort";
import { LazyBrain } from "./lazyBrain";

/**
 * The workspace's agent, opened when it is first needed: by a goal, or by whoever looks at its tools. Opening it loads no
 * model, and the sandbox's process starts at the first tool that runs in it.
 */
export class Agents implements vscode.Disposable {
  private open: { key: string; agent: Promise<Agent>; brain: LazyBrain } | undefined;
  private operator: Operator | undefined;
  private readonly browserChanged = new vscode.EventEmitter<void>();
  /** The browser started, did a step, changed hands or was closed. */
  readonly onDidChangeBrowser = this.browserChanged.event;
  private readonly sandbox: Supervisor<SandboxMethods>;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly ask: ApprovalsPort,
    private readonly log: Log,
    /** The model that thinks where no run has brought its own. */
    private readonly load: (signal?: AbortSignal) => Promise<Brain>,
  ) {
    this.sandbox = new Supervisor<SandboxMethods>({
      name: "The sandbox",
      file: extension.asAbsolutePath(path.join("dist", "sandbox.mjs")),
      onLog: (level, message) => log.debug(`sandbox: ${level}: ${message}`),
    });
  }

  /** The agent of the folder that is open, with this brain from now on. Fails as `workspace` does. */
  async of(brain: Brain): Promise<Agent> {
    const agent = await this.workspace();
    this.open?.brain.use(brain);
    return agent;
  }

  /** The agent of the folder that is open; no model is loaded. Fails with `notAllowed` without one, or an untrusted one. */
  async workspace(): Promise<Agent> {
    if (!vscode.workspace.isTrusted) {
      fail("notAllowed", vscode.l10n.t("The agent is off in an untrusted workspace."), {
        remedy: vscode.l10n.t("Trust the workspace, or use plain chat."),
      });
    }
    const folders = workspaceFolders();
    if (folders.length === 0) {
      fail("notAllowed", vscode.l10n.t("The agent works in a folder, and none is open."), {
        remedy: vscode.l10n.t("Open a folder, or use plain chat."),
      });
    }
    const key = JSON.stringify(folders);
    if (this.open?.key !== key) {
      const brain = new LazyBrain(this.load);
      this.open = { key, agent: this.make(folders, brain), brain };
    }
    const { open } = this;
    try {
      return await open.agent;
    } catch (thrown) {
      if (this.open === open) this.open = undefined;
      throw thrown;
    }
  }

  /** The agent's browser; undefined while none is lent to it. */
  get browserOperator(): Operator | undefined {
    return this.operator;
  }

  dispose(): void {
    void this.operator?.close();
    void this.sandbox.dispose();
    this.browserChanged.dispose();
  }

  /** The browser's tools, where a person switched them on; it starts at the first page that is opened. */
  private browser(folder: string): Tool[] {
    const { enabled, program, headless, sites } = operatorSettings();
    if (!enabled) return [];
    void this.operator?.close();
    this.operator = new Operator({
      sites: new Sites(sites),
      launch: (allowed) =>
        launchBrowser(
          {
            profile: path.join(this.extension.globalStorageUri.fsPath, "browser"),
            headless,
            downloads: path.join(folder, ".vitrine", "downloads"),
            program,
          },
          allowed,
        ),
    });
    this.operator.onChange(() => this.browserChanged.fire());
    return browserTools(this.operator);
  }

  /** The editor's tools, where a person switched them on. */
  private async editor(folders: string[]): Promise<Tool[]> {
    return operatorSettings().editor ? editorHandTools(editorHands, await nodeFiles(folders)) : [];
  }

  private async make(folders: string[], brain: Brain): Promise<Agent> {
    const rg = ripgrep();
    return openAgent(
      {
        folders,
        storage: path.join(this.extension.globalStorageUri.fsPath, "approvals"),
        brain,
        sandbox: Object.assign(this.sandbox, { restart: () => this.sandbox.stop() }),
        ask: this.ask,
        policy: "read",
        trusted: true,
        editor: editorPort,
        tools: [...this.browser(folders[0] ?? ""), ...(await this.editor(folders))],
        ...(rg === undefined ? {} : { ripgrep: rg }),
        onLog: (tool, calls) => {
          for (const { name, what, ok, error } of calls) {
            this.log.info(`${tool}: ${name} ${what}: ${ok ? "done" : (error ?? "failed")}`);
          }
        },
      },
      new AbortController().signal,
    );
  }
}

/** The folders that the agent works in; the first holds its tools. */
export function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file" || uri.scheme === "vscode-remote")
    .map(({ uri }) => uri.fsPath);
}

/** The ripgrep that VS Code ships; search works without it, more slowly. */
function ripgrep(): string | undefined {
  const name = process.platform === "win32" ? "rg.exe" : "rg";
  return ["node_modules", "node_modules.asar.unpacked"]
    .map((folder) => path.join(vscode.env.appRoot, folder, "@vscode", "ripgrep", "bin", name))
    .find((file) => existsSync(file));
}
