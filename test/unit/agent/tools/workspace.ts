import { mkdtemp, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodeFiles } from "../../../../src/agent/node/nodeFiles";
import { nodeSearch } from "../../../../src/agent/node/nodeSearch";
import { Checkpoints, memoryCheckpoints } from "../../../../src/agent/tools/checkpoints";
import { fileTools } from "../../../../src/agent/tools/builtin/files";
import type { FilesPort, ToolOutput } from "../../../../src/contract/tool";
import type { PreparedCall, Tool, ToolArguments, ToolContext } from "../../../../src/agent/tools/tool";
import { errorData, type ErrorData } from "../../../../src/contract/errors";

/** A workspace folder on disk beside a folder that is outside of it. */
export class TestWorkspace {
  private constructor(
    readonly base: string,
    readonly root: string,
    readonly outside: string,
    readonly files: FilesPort,
    readonly checkpoints: Checkpoints,
    readonly tools: Tool[],
  ) {}

  static async make(entries: Record<string, string> = {}): Promise<TestWorkspace> {
    const base = await realpath(await mkdtemp(path.join(tmpdir(), "vitrine-")));
    const [root, outside] = [path.join(base, "work"), path.join(base, "outside")];
    await mkdir(root);
    await mkdir(outside);
    for (const [name, text] of Object.entries(entries)) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), text);
    }
    const files = await nodeFiles([root]);
    const checkpoints = new Checkpoints(files, memoryCheckpoints());
    return new TestWorkspace(base, root, outside, files, checkpoints, fileTools(files, nodeSearch(files), checkpoints));
  }

  tool(name: string): Tool {
    const found = this.tools.find((tool) => tool.name === name);
    if (!found) throw new Error(`no tool ${name}`);
    return found;
  }

  prepare(name: string, args: ToolArguments, context: Partial<ToolContext> = {}): Promise<PreparedCall> {
    return this.tool(name).prepare(args, { run: "r1", step: 1, signal: new AbortController().signal, ...context });
  }

  async call(name: string, args: ToolArguments): Promise<ToolOutput> {
    return (await this.prepare(name, args)).act();
  }

  async remove(): Promise<void> {
    await rm(this.base, { recursive: true, force: true });
  }
}

/** The typed error of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<ErrorData> {
  return promise.then(
    (value) => {
      throw new Error(`did not fail but gave ${JSON.stringify(value)}`);
    },
    (error: unknown) => errorData(error),
  );
}
