import type { Brain } from "../../../contract/brain";
import { errorData, fail } from "../../../contract/errors";
import type { Json } from "../../../contract/json";
import type { HostFunction } from "../../../contract/sandbox";
import type { Capability, Effect, FetchPort, FilesPort, HostCallLog } from "../../../contract/tool";
import { pageText } from "../../web/pageText";
import { publicUrl } from "../../web/address";
import type { Checkpoints } from "../checkpoints";
import { cleanText } from "../output";
import { inside, protectedForReading, protectedForWriting, resolvePath } from "../paths";

/** What the host can lend to a tool. What is absent here cannot be approved for one. */
export interface Lendable {
  files: FilesPort;
  checkpoints: Checkpoints;
  fetch?: FetchPort;
  brain?: Brain;
}

const sizeLimit = 200_000;

/** The host's functions that a set of capabilities opens. */
export function functionsOf(capabilities: readonly Capability[]): HostFunction[] {
  const functions = capabilities.flatMap((capability): HostFunction[] => {
    if (capability.kind === "files.read") return ["files.read", "files.list"];
    return [capability.kind];
  });
  return [...new Set(functions)];
}

/** What a set of capabilities can do to the world. */
export function effectsOf(capabilities: readonly Capability[], local = false): Effect[] {
  const effects = capabilities.map((capability): Effect | undefined => {
    if (capability.kind === "files.read") return "read";
    if (capability.kind === "files.write") return "write";
    if (capability.kind === "fetch") return "network";
    return local ? undefined : "network";
  });
  return [...new Set(effects.filter((effect) => effect !== undefined))];
}

/** Reads the `capabilities` of a tool file; fails with `badArgument` on anything else than a list of known ones. */
export function readCapabilities(value: Json | undefined): Capability[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) fail("badArgument", "capabilities must be a list.");
  if (value.length > 16) fail("badArgument", "A tool has at most 16 capabilities.");
  return value.map((item) => {
    const known = capability(item);
    if (!known)
      fail(
        "badArgument",
        `${JSON.stringify(item).slice(0, 200)} is no capability. Known: {"kind": "files.read" | "files.write", "folder"}, {"kind": "fetch", "host"}, {"kind": "model.ask"}.`,
      );
    return known;
  });
}

function capability(item: Json): Capability | undefined {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return undefined;
  const { kind, folder, host } = item;
  if ((kind === "files.read" || kind === "files.write") && typeof folder === "string" && folder !== "")
    return { kind, folder };
  if (kind === "fetch" && typeof host === "string" && /^[a-z0-9.-]+(:\d{1,5})?$/i.test(host))
    return { kind, host: host.toLowerCase() };
  return kind === "model.ask" ? { kind } : undefined;
}

/** One line a capability, for the person who approves. */
export function capabilityText(capability: Capability): string {
  switch (capability.kind) {
    case "files.read":
      return `reads files in ${capability.folder}`;
    case "files.write":
      return `writes files in ${capability.folder}`;
    case "fetch":
      return `fetches from ${capability.host}`;
    case "model.ask":
      return "asks the model";
  }
}

/**
 * Answers a tool's calls within what was approved for it. Every call is judged anew on the resolved path or address and
 * logged with what came of it.
 */
export class CapabilityGate {
  readonly log: HostCallLog[] = [];

  constructor(
    private readonly capabilities: readonly Capability[],
    private readonly lend: Lendable,
    private readonly run: string,
    private readonly signal: AbortSignal,
  ) {}

  async answer(name: HostFunction, args: Json[]): Promise<Json> {
    const entry: HostCallLog = {
      at: new Date().toISOString(),
      name,
      what: String(args[0] ?? "").slice(0, 500),
      ok: false,
    };
    this.log.push(entry);
    try {
      const value = await this.perform(name, args, entry);
      entry.ok = true;
      return value;
    } catch (error) {
      entry.error = errorData(error).message;
      throw error;
    }
  }

  private perform(name: HostFunction, args: Json[], entry: HostCallLog): Promise<Json> {
    const [first, second] = args.map((arg) => (typeof arg === "string" ? arg : undefined));
    if (first === undefined) fail("badArgument", `${name} takes a text.`);
    switch (name) {
      case "files.read":
        return this.read(first, entry);
      case "files.list":
        return this.list(first, entry);
      case "files.write":
        if (second === undefined) fail("badArgument", "files.write takes a path and a text.");
        return this.write(first, second, entry);
      case "fetch":
        return this.fetch(first, entry);
      case "model.ask":
        return this.ask(first);
    }
  }

  private async allowed(kind: "files.read" | "files.write", path: string, entry: HostCallLog) {
    const where = await resolvePath(this.lend.files, path);
    entry.what = where.shown;
    const folders = this.capabilities.flatMap((each) =>
      each.kind === kind ? [resolvePath(this.lend.files, each.folder)] : [],
    );
    const ok = (await Promise.all(folders)).some((folder) => inside(where.path, folder.path));
    if (!ok) fail("notAllowed", `${where.shown} is outside of the folders of this tool.`);
    const guarded = kind === "files.read" ? protectedForReading(where.shown) : protectedForWriting(where.shown);
    if (guarded !== undefined) fail("notAllowed", `${where.shown} is closed to tools: ${guarded}.`);
    return where;
  }

  private async read(path: string, entry: HostCallLog): Promise<Json> {
    const where = await this.allowed("files.read", path, entry);
    const bytes = await this.lend.files.read(where.path, sizeLimit + 1);
    if (bytes.length > sizeLimit) fail("tooLarge", `${where.shown} is longer than ${sizeLimit} bytes.`);
    return new TextDecoder().decode(bytes);
  }

  private async list(path: string, entry: HostCallLog): Promise<Json> {
    const where = await this.allowed("files.read", path, entry);
    const { entries } = await this.lend.files.list(where.path, 1_000);
    return entries.map(({ path: name, kind }) => (kind === "folder" ? `${name}/` : name));
  }

  private async write(path: string, text: string, entry: HostCallLog): Promise<Json> {
    const where = await this.allowed("files.write", path, entry);
    const { files, checkpoints } = this.lend;
    const data = new TextEncoder().encode(text);
    if (data.length > sizeLimit) fail("tooLarge", `A tool writes at most ${sizeLimit} bytes at once.`);
    const { kind, size } = await files.stat(where.path);
    if (kind !== "file" && kind !== "missing") fail("notAllowed", `${where.shown} is no plain file.`);
    if (!(await checkpoints.fits(this.run, where.path, size)))
      fail("tooLarge", `${where.shown} is too large to be put back, so a tool does not write it.`);
    const before = kind === "missing" ? null : await files.read(where.path, size);
    await checkpoints.keep(this.run, where.path, before, data);
    await files.write(where.path, data);
    return null;
  }

  private async fetch(address: string, entry: HostCallLog): Promise<Json> {
    if (!this.lend.fetch) fail("notAllowed", "Nothing is fetched here.");
    const url = publicUrl(address);
    entry.what = url.href;
    const hosts = this.capabilities.filter((each) => each.kind === "fetch").map(({ host }) => host);
    if (!hosts.includes(url.host)) fail("notAllowed", `${url.host} is not a host of this tool.`);
    const page = await this.lend.fetch.fetch(url.href, { signal: this.signal, hosts });
    if (page.status >= 400) fail("network", `${url.host} answered ${page.status}.`);
    return cleanText(/html/i.test(page.type) ? pageText(page.text) : page.text).slice(0, sizeLimit);
  }

  private async ask(question: string): Promise<Json> {
    if (!this.lend.brain) fail("notAllowed", "There is no model to ask.");
    const content = question.slice(0, 8_000);
    const reply = await this.lend.brain.reply(
      { messages: [{ role: "user", content }], calls: "none", max: 512, think: "off" },
      { signal: this.signal },
    );
    return cleanText(reply.text).slice(0, 8_000);
  }
}
