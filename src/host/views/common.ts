import { createHash } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import { fail } from "../../contract/errors";
import type { CallContext, Handlers, ParamsOf, ProgressOf, ResultOf } from "../../contract/method";
import type { EngineMethods } from "../../contract/engine";
import type { EditUse } from "../../contract/verbs";
import type { Intervention } from "../../contract/sites";
import {
  viewInstruments,
  type CommonViewMethods,
  type InstrumentRequest,
  type ViewInstrument,
} from "../../contract/view";
import type { EngineService } from "../engine/service";
import { plainLine, type Log } from "../log";
import { plainName as workspaceName } from "../acting/places";
import { corpusLimits, workspaceTexts } from "../workspaceText";

export interface CommonPorts {
  engine: Pick<EngineService, "call" | "ensureModel">;
  /** What is switched on. Fails where something that is on cannot act. */
  switched(signal: AbortSignal): Promise<{ interventions: Intervention[]; edits: EditUse[] }>;
  openInstrument(request: InstrumentRequest): void;
  /** Folder of files that instruments make (tuned lenses, searches that can be taken up again). */
  files: string;
  log: Log;
}

/** Instruments that run the model on a prompt, and so obey the interventions that are on. */
const probing: ReadonlySet<ViewInstrument> = new Set(["lens", "layers", "attribution", "neurons", "attention"]);

/** Folder under `.vitrine/` in the workspace where the files lie that a method reads. */
const workspaceFolders: Partial<Record<ViewInstrument, string>> = {
  directionInfo: "directions",
  editInfo: "edits",
  featuresInfo: "features",
  featuresList: "features",
  featureShow: "features",
  featureProposeLabel: "features",
  featuresOfTokens: "features",
};

/** Handlers of what every view may ask. `source` names the view in the log. */
export function commonHandlers(ports: CommonPorts, source: string): Handlers<CommonViewMethods> {
  const instruments = Object.fromEntries(
    viewInstruments.map((name) => [name, (params: never, context: never) => passOn(ports, name, params, context)]),
  ) as unknown as Handlers<Pick<EngineMethods, ViewInstrument>>;
  return {
    ...instruments,
    openInstrument: (request) => {
      ports.openInstrument(request);
      return Promise.resolve(null);
    },
    copy: async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    },
    save: ({ name, data, base64 }) => save(name, base64 ? Buffer.from(data, "base64") : Buffer.from(data, "utf8")),
    openExternal: async ({ url }) => {
      await openExternal(url);
      return null;
    },
    openDocs: async ({ topic }) => {
      await vscode.commands.executeCommand("vitrine.openDocs", topic);
      return null;
    },
    log: ({ level, message }) => {
      ports.log[level](`[${source}] ${plainLine(message)}`);
      return Promise.resolve(null);
    },
  };
}

async function passOn<K extends ViewInstrument>(
  ports: CommonPorts,
  method: K,
  params: ParamsOf<EngineMethods, K>,
  { signal, progress }: CallContext<ProgressOf<EngineMethods, K>>,
): Promise<ResultOf<EngineMethods, K>> {
  const complete = await completed(ports, method, params, signal);
  return await ports.engine.call(method, complete, { signal, onProgress: progress });
}

/** What a view cannot know, or may not say: interventions, places of files, texts of the workspace. */
async function completed<K extends ViewInstrument>(
  ports: CommonPorts,
  method: K,
  params: ParamsOf<EngineMethods, K>,
  signal: AbortSignal,
): Promise<ParamsOf<EngineMethods, K>> {
  const given = params as Record<string, unknown>;
  const added: Record<string, unknown> = {};
  if (probing.has(method)) {
    const { interventions, edits } = await ports.switched(signal);
    if (interventions.length > 0) added.interventions = interventions;
    if (edits.length > 0) added.edits = edits;
  }
  if (typeof given.tuned === "string") added.tuned = await ownFile(ports, given.tuned);
  if (typeof given.out === "string") added.out = await ownFile(ports, given.out);
  if (typeof given.state === "string") added.state = await ownFile(ports, given.state);
  const folder = workspaceFolders[method];
  if (folder !== undefined && typeof given.file === "string") added.file = workspaceFile(folder, given.file);
  if (folder !== undefined && typeof given.folder === "string") added.folder = workspaceFile(folder, given.folder);
  if (Array.isArray(given.texts) && given.texts.length === 0) {
    if (method === "tunedLensFit") added.texts = (await corpus(signal)).map(({ text }) => text);
    if (method === "neuronExamples") added.texts = await corpus(signal);
  }
  return { ...given, ...added } as unknown as ParamsOf<EngineMethods, K>;
}

async function corpus(signal: AbortSignal): Promise<{ source: string; text: string }[]> {
  const texts = await workspaceTexts(corpusLimits, signal);
  if (texts.length === 0) {
    fail("badArgument", vscode.l10n.t("The workspace has no text to read."), {
      remedy: vscode.l10n.t("Open a folder with text or source files."),
    });
  }
  return texts;
}

/** A view names a file; where it lies, a folder a model, is ours to say. */
async function ownFile({ engine, files }: CommonPorts, name: string): Promise<string> {
  const { fingerprint } = await engine.ensureModel();
  const model = createHash("sha256").update(fingerprint).digest("hex").slice(0, 16);
  await vscode.workspace.fs.createDirectory(vscode.Uri.file(path.join(files, model)));
  return path.join(files, model, plainName(name));
}

/** A file of the workspace that a view names; a view can name no other place than that folder of `.vitrine/`. */
function workspaceFile(folder: string, name: string): string {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (root === undefined) return fail("fileMissing", vscode.l10n.t("No folder is open."));
  return path.join(root, ".vitrine", folder, workspaceName(name));
}

function plainName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/\.{2,}|^\./g, "_");
  return plain === "" ? fail("badArgument", "A file needs a name.") : plain;
}

/** Asks where to save, and writes. */
export async function save(name: string, data: Buffer): Promise<{ saved: boolean }> {
  const plain = path.basename(name).replace(/[^\p{L}\p{N} ._-]/gu, "_") || "vitrine";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const extension = path.extname(plain).slice(1);
  const target = await vscode.window.showSaveDialog({
    defaultUri: folder ? vscode.Uri.joinPath(folder, plain) : vscode.Uri.file(path.resolve(plain)),
    ...(extension ? { filters: { [extension.toUpperCase()]: [extension] } } : {}),
  });
  if (!target) return { saved: false };
  await vscode.workspace.fs.writeFile(target, data);
  return { saved: true };
}

/** Opens a web page. VS Code itself asks a person before it leaves for a host they do not trust. */
async function openExternal(url: string): Promise<void> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== "https:" && parsed?.protocol !== "http:") {
    fail("notAllowed", vscode.l10n.t("Only web addresses can be opened."));
  }
  await vscode.env.openExternal(vscode.Uri.parse(url, true));
}
