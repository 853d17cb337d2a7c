import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { openAgent, type Agent } from "../../../../src/agent/node/openAgent";
import { nobody } from "../../../../src/agent/tools/approvals";
import { LazyBrain } from "../../../../src/host/agent/lazyBrain";
import { Workshop } from "../../../../src/host/tools/workshop";
import { localSandbox } from "../../../../src/sandbox/local";
import { fake, workspace, type FakeDocument } from "../fakeVscode";

export const area = `/** The area of a rectangle. */
export function run({ width, height }: { width: number; height: number }) {
  return width * height;
}

export const parameters = { type: "object", properties: { width: { type: "number" }, height: { type: "number" } }, required: ["width", "height"] };

export const effects = [];

export const examples = [
  { arguments: { width: 4, height: 5 }, result: 20 },
  { arguments: { width: 3, height: 3 }, result: 9 },
];
`;

/** A tool that reaches beyond its arguments. */
export const reader = `/** The first line of a file in docs. */
export async function run({ name }: { name: string }, host: { files: { read(path: string): Promise<string> } }) {
  return (await host.files.read("docs/" + name)).split("\\n")[0];
}

export const parameters = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

export const effects = ["read"];

export const capabilities = [{ kind: "files.read", folder: "docs" }];

export const examples = [
  { arguments: { name: "a.md" }, result: "one", host: { "files.read docs/a.md": "one\\ntwo" } },
  { arguments: { name: "b.md" }, result: "three", host: { "files.read docs/b.md": "three\\nfour" } },
];
`;

/** A folder that is open and trusted, with its agent; a model that were asked for would fail the test. */
export interface Bench {
  root: string;
  agent: Agent;
  workshop: Workshop;
  /** Times a model was asked for. */
  loads: () => number;
  file(name: string): string;
  write(name: string, text: string): Promise<void>;
  read(name: string): Promise<string>;
  /** A document of an editor on a tool's file. */
  show(name: string, text: string, isDirty?: boolean): vscode.TextDocument;
  dispose(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  fake.reset();
  const base = await realpath(await mkdtemp(path.join(tmpdir(), "vitrine-tools-")));
  const root = path.join(base, "work");
  await mkdir(path.join(root, ".vitrine", "tools"), { recursive: true });
  workspace.workspaceFolders = [{ uri: vscode.Uri.file(root) }];
  let loads = 0;
  const brain = new LazyBrain(() => {
    loads++;
    return Promise.reject(new Error("No model is needed for this."));
  });
  const agent = await openAgent(
    {
      folders: [root],
      storage: path.join(base, "storage"),
      brain,
      sandbox: localSandbox(),
      ask: nobody,
      policy: "read",
      trusted: true,
    },
    new AbortController().signal,
  );
  const file = (name: string) => path.join(root, ".vitrine", "tools", `${name}.ts`);
  const workshop = new Workshop(() => Promise.resolve(agent));
  return {
    root,
    agent,
    workshop,
    loads: () => loads,
    file,
    write: (name, text) => writeFile(file(name), text),
    read: (name) => readFile(file(name), "utf8"),
    show: (name, text, isDirty = false) => {
      const document: FakeDocument = { uri: vscode.Uri.file(file(name)) as never, isDirty, getText: () => text };
      fake.documents.set(file(name), document);
      return document as unknown as vscode.TextDocument;
    },
    dispose: async () => {
      workshop.dispose();
      await rm(base, { recursive: true, force: true });
    },
  };
}
