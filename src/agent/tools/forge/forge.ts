import { errorData, fail } from "../../../contract/errors";
import type { Json } from "../../../contract/json";
import type { HostCallLog, ToolInfo, ToolOutput, ToolState, ToolUse } from "../../../contract/tool";
import type { ForgeSpec } from "../../prompts/forge";
import { faults } from "../calling/validate";
import { sha256 } from "../hash";
import type { ToolRegistry } from "../registry";
import { capabilityText, type Lendable } from "./capabilities";
import { checkToolFile, type CheckReport } from "./check";
import { duplicates, satisfies } from "./duplicates";
import { forgedTool } from "./forgedTool";
import { codeOf, failureOf, fileOf, specOf, withExample, type Maker } from "./maker";
import type { SandboxRunner } from "./sandboxRunner";
import { counted, unused, type ToolApprovalStore, type ToolFilesPort, type ToolUseStore } from "./stores";

export interface ForgePorts {
  files: ToolFilesPort;
  approvals: ToolApprovalStore;
  /** The approved texts themselves, so that a changed one can be shown against what was approved. */
  texts?: ToolApprovalStore;
  uses: ToolUseStore;
  sandbox: SandboxRunner;
  registry: ToolRegistry;
  lend: Lendable;
  maker?: Maker;
  now?: () => number;
  onLog?: (tool: string, log: HostCallLog[]) => void;
}

/** A forged tool as it stands. */
export interface Forged {
  name: string;
  path: string;
  source: string;
  hash: string;
  state: ToolState;
  report: CheckReport;
  use: ToolUse;
}

export interface Made {
  forged: Forged;
  /** A tool that did it already; nothing was made. */
  existing: boolean;
}

/**
 * The life of forged tools: draft, checked, approved by a person for exactly one text, offered, counted; merged with
 * near-duplicates, trimmed when unused, checked again when changed. Only approved text is ever offered.
 */
export class Forge {
  private readonly reports = new Map<string, CheckReport>();
  private known = new Map<string, Forged>();
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly ports: ForgePorts) {}

  /** Reads and checks all files again and offers what is approved. Unchanged text is not run again. */
  refresh(signal: AbortSignal): Promise<Forged[]> {
    return this.inTurn(async () => {
      const [names, approved, uses] = await Promise.all([
        this.ports.files.list(),
        this.ports.approvals.load(),
        this.ports.uses.load(),
      ]);
      const next = new Map<string, Forged>();
      for (const name of names) next.set(name, await this.look(name, approved[name], uses[name], signal));
      this.known = next;
      this.offer();
      return [...next.values()];
    });
  }

  list(): Forged[] {
    return [...this.known.values()];
  }

  infos(): ToolInfo[] {
    return this.list().map(({ name, path, state, hash, report, use }) => ({
      name,
      description: report.file?.manifest.description ?? "",
      parameters: report.file?.manifest.parameters ?? { type: "object" },
      source: "forged",
      effects: report.file?.manifest.effects ?? [],
      origin: path,
      state,
      hash,
      use,
    }));
  }

  /** A person's yes to exactly this text. Fails with `notAllowed` when the file is another one meanwhile. */
  async approve(name: string, hash: string, signal: AbortSignal): Promise<Forged> {
    const source = await this.ports.files.read(name);
    if (sha256(source) !== hash)
      fail("notAllowed", `${name} has changed since it was shown; it was not approved.`, {
        remedy: "Look at it again.",
      });
    const report = await this.check(name, source, signal);
    if (!report.ok) fail("notAllowed", `${name} does not pass its checks: ${failureOf(report)}`);
    await this.setApproval(name, hash, source);
    return this.one(name, signal);
  }

  /** The text that a person approved last, where it is kept; undefined for a tool that is not approved. */
  async approvedText(name: string): Promise<string | undefined> {
    const [approved, texts] = await Promise.all([this.ports.approvals.load(), this.ports.texts?.load()]);
    const text = texts?.[name];
    return text !== undefined && Object.hasOwn(approved, name) && sha256(text) === approved[name] ? text : undefined;
  }

  /** A person's no: the tool is not offered any more; its file stays. */
  async reject(name: string, signal: AbortSignal): Promise<Forged> {
    await this.setApproval(name, undefined);
    return this.one(name, signal);
  }

  /**
   * A person saved the file in the editor: it is checked at once, and stays approved by that very save when the text they
   * changed (`before`: what the file held until then) was approved and the new one asks for nothing more of the world. An
   * approval never moves from a text that somebody else had changed meanwhile. What the agent writes never comes here.
   */
  async savedByPerson(
    name: string,
    source: string,
    signal: AbortSignal,
    before: string | undefined = this.known.get(name)?.source,
  ): Promise<Forged> {
    const report = await this.check(name, source, signal);
    const approvals = await this.ports.approvals.load();
    if (report.ok && report.file && before !== undefined && approvals[name] === sha256(before)) {
      const old = await this.check(name, before, signal);
      if (old.file && !asksForMore(old, report)) await this.setApproval(name, report.file.hash, source);
    }
    return this.one(name, signal);
  }

  /** Checks a tool anew, even when its text was checked before. */
  async test(name: string, signal: AbortSignal): Promise<Forged> {
    this.reports.delete(reportKey(name, await this.ports.files.read(name)));
    return this.one(name, signal);
  }

  /** A new file of a person's. Fails with `badArgument` for a name that is taken. */
  async create(name: string, source: string, signal: AbortSignal): Promise<Forged> {
    if ((await this.freeName(name)) !== name) fail("badArgument", `The name ${name} is taken.`);
    await this.ports.files.write(name, source);
    return this.one(name, signal);
  }

  /**
   * Runs a tool by a person's own hand, approved or not: exactly the text with this hash, with what it declares. Fails with
   * `notAllowed` when the file is another one meanwhile, with `badArgument` for arguments that do not fit.
   */
  async runByPerson(name: string, hash: string, args: Record<string, Json>, signal: AbortSignal): Promise<ToolOutput> {
    const source = await this.ports.files.read(name);
    if (sha256(source) !== hash)
      fail("notAllowed", `${name} has changed since it was shown; it was not run.`, { remedy: "Look at it again." });
    const { file, problems } = await this.check(name, source, signal);
    if (!file) fail("badArgument", `${name} cannot be run: ${problems[0]?.message ?? "it cannot be read."}`);
    const wrong = faults(args, file.manifest.parameters);
    if (wrong.length > 0) fail("badArgument", `The arguments do not fit: ${wrong.join("; ")}.`);
    const { sandbox, lend, onLog, files } = this.ports;
    const tool = forgedTool(file, files.path(name), sandbox, lend, onLog);
    const prepared = await tool.prepare(args, { run: `hand-${hash.slice(0, 8)}-${this.now()}`, step: 1, signal });
    return prepared.act();
  }

  /** Makes a tool from a request or an order: an existing tool that does it is taken instead. The result is a draft. */
  async make(request: string | ForgeSpec, signal: AbortSignal): Promise<Made> {
    const { maker, files, sandbox } = this.ports;
    if (!maker) fail("noModel", "There is no model to make tools with.");
    const asked = typeof request === "string" ? await maker.specify(request, signal) : request;
    for (const forged of this.list()) {
      const { file } = forged.report;
      if (file && forged.state === "approved" && (await satisfies(file, asked.examples, sandbox, signal)))
        return { forged, existing: true };
    }
    const spec = { ...asked, name: await this.freeName(asked.name) };
    let code = await maker.write(spec, signal);
    let report = await this.check(spec.name, fileOf(spec, code), signal);
    for (let tries = 0; tries < 2 && !report.ok; tries++) {
      const better = await maker
        .repair(spec, code, failureOf(report), signal)
        .catch((error: unknown) => (errorData(error).code === "badReply" ? undefined : Promise.reject(error as Error)));
      if (better === undefined) break;
      code = better;
      report = await this.check(spec.name, fileOf(spec, code), signal);
    }
    await files.write(spec.name, fileOf(spec, code));
    return { forged: await this.one(spec.name, signal), existing: false };
  }

  /** A use is counted. */
  used(name: string, use: { ok: boolean; ms: number; goal: string; error?: string }): Promise<void> {
    return this.inTurn(async () => {
      if (!this.known.has(name)) return;
      const uses = await this.ports.uses.load();
      const at = new Date(this.now()).toISOString();
      uses[name] = counted(uses[name] ?? unused, { ...use, at });
      await this.ports.uses.save(uses);
      const forged = this.known.get(name);
      if (forged) forged.use = uses[name];
    });
  }

  /**
   * An input that failed in use goes back to the maker. The repaired file holds it as a new example, with what the new
   * code gives for it: a person sees that in the diff, since the changed text must be approved again.
   */
  async repair(name: string, input: Record<string, Json>, error: string, signal: AbortSignal): Promise<Forged> {
    const { maker, sandbox, files } = this.ports;
    if (!maker) fail("noModel", "There is no model to repair tools with.");
    const file = this.known.get(name)?.report.file;
    const spec = file && specOf(file.manifest);
    if (!file || !spec || file.manifest.capabilities.length > 0)
      fail("badArgument", `${name} can only be repaired by hand.`);
    const code = await maker.repair(
      spec,
      codeOf(file.source),
      `run(${JSON.stringify(input)}) failed: ${error}`,
      signal,
    );
    const repaired = fileOf(spec, code, file.manifest.effects);
    const { value } = await sandbox.run({
      source: repaired,
      argument: input,
      functions: [],
      deterministic: true,
      signal,
    });
    const source = withExample(repaired, {
      arguments: input,
      result: value,
      note: `failed in use: ${error.slice(0, 200)}`,
    });
    const report = await this.check(name, source, signal);
    if (!report.ok) fail("badReply", `The repaired ${name} does not pass its checks: ${failureOf(report)}`);
    await files.write(name, source);
    return this.one(name, signal);
  }

  /** Tools that were not used for so long; the person is asked before they go. */
  trimmable(days = 30, atLeastUses = 1): Forged[] {
    const before = this.now() - days * 86_400_000;
    return this.list().filter(
      ({ use }) => use.calls < atLeastUses || (use.lastUsed !== "" && Date.parse(use.lastUsed) < before),
    );
  }

  async remove(names: readonly string[], signal: AbortSignal): Promise<void> {
    for (const name of names) {
      await this.ports.files.remove(name);
      await this.setApproval(name, undefined);
    }
    await this.refresh(signal);
  }

  duplicates(signal: AbortSignal): Promise<{ keep: string; drop: string; why: string }[]> {
    const files = this.list().flatMap(({ report, state }) =>
      report.file && state === "approved" ? [report.file] : [],
    );
    return duplicates(files, this.ports.sandbox, signal);
  }

  /** Joins a tool into another: its examples move over where they pass, its uses are added, its file goes. */
  async merge(keep: string, drop: string, signal: AbortSignal): Promise<Forged> {
    const [kept, dropped] = [this.known.get(keep), this.known.get(drop)];
    if (!kept?.report.file || !dropped?.report.file)
      fail("badArgument", "Both tools must pass their checks to be merged.");
    const has = new Set(kept.report.file.manifest.examples.map((example) => JSON.stringify(example.arguments)));
    const more = dropped.report.file.manifest.examples.filter((example) => !has.has(JSON.stringify(example.arguments)));
    let source = kept.source;
    for (const example of more)
      if (await satisfies(kept.report.file, [example], this.ports.sandbox, signal))
        source = withExample(source, example);
    const report = await this.check(keep, source, signal);
    const approvals = await this.ports.approvals.load();
    const uses = await this.ports.uses.load();
    const [a, b] = [uses[keep] ?? unused, uses[drop] ?? unused];
    uses[keep] = {
      ...a,
      calls: a.calls + b.calls,
      successes: a.successes + b.successes,
      totalMs: a.totalMs + b.totalMs,
      goals: [...a.goals, ...b.goals].slice(0, 20),
    };
    delete uses[drop];
    await this.ports.uses.save(uses);
    if (report.ok && source !== kept.source) {
      await this.ports.files.write(keep, source);
      // Only examples were added by the person's own merge: the approval moves with the text.
      if (approvals[keep] === kept.hash && report.file) await this.setApproval(keep, report.file.hash, source);
    }
    await this.remove([drop], signal);
    return this.one(keep, signal);
  }

  private async look(
    name: string,
    approved: string | undefined,
    use: ToolUse = unused,
    signal: AbortSignal,
  ): Promise<Forged> {
    const source = await this.ports.files.read(name);
    const hash = sha256(source);
    const report = await this.check(name, source, signal);
    const state: ToolState = report.ok
      ? approved === undefined
        ? "checked"
        : approved === hash
          ? "approved"
          : "changed"
      : approved === undefined
        ? "draft"
        : "broken";
    return { name, path: this.ports.files.path(name), source, hash, state, report, use };
  }

  private async one(name: string, signal: AbortSignal): Promise<Forged> {
    await this.refresh(signal);
    return this.known.get(name) ?? fail("fileMissing", `There is no tool file ${name}.`);
  }

  private async check(name: string, source: string, signal: AbortSignal): Promise<CheckReport> {
    const key = reportKey(name, source);
    const before = this.reports.get(key);
    if (before) return before;
    const report = await checkToolFile(name, source, this.ports.sandbox, signal);
    if (this.reports.size > 500) this.reports.clear();
    this.reports.set(key, report);
    return report;
  }

  /** The registry holds exactly the approved tools. */
  private offer(): void {
    const { registry, sandbox, lend, onLog } = this.ports;
    const wanted = new Map(
      [...this.known.values()].filter(({ state }) => state === "approved").map((forged) => [forged.name, forged]),
    );
    for (const tool of registry.all()) {
      if (tool.source === "forged" && wanted.get(tool.name)?.hash !== tool.hash) registry.remove(tool.name);
    }
    for (const forged of wanted.values()) {
      const { file } = forged.report;
      if (!file || registry.get(forged.name)?.hash === forged.hash) continue;
      try {
        registry.add(forgedTool(file, forged.path, sandbox, lend, onLog));
      } catch (error) {
        // A name that is taken: the file says so, and the other tool stays.
        forged.state = "broken";
        forged.report = {
          ...forged.report,
          ok: false,
          problems: [{ message: errorData(error).message, line: 1, severity: "error" }],
        };
      }
    }
  }

  private async setApproval(name: string, hash: string | undefined, source?: string): Promise<void> {
    const approvals = await this.ports.approvals.load();
    if (hash === undefined) delete approvals[name];
    else approvals[name] = hash;
    await this.ports.approvals.save(approvals);
    const texts = await this.ports.texts?.load();
    if (!texts) return;
    if (source === undefined) delete texts[name];
    else texts[name] = source;
    await this.ports.texts?.save(texts);
  }

  private async freeName(wanted: string): Promise<string> {
    const taken = new Set([...(await this.ports.files.list()), ...this.ports.registry.all().map(({ name }) => name)]);
    if (!taken.has(wanted)) return wanted;
    for (let n = 2; ; n++) if (!taken.has(`${wanted.slice(0, 60)}_${n}`)) return `${wanted.slice(0, 60)}_${n}`;
  }

  private now(): number {
    return this.ports.now?.() ?? Date.now();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => undefined);
    return next;
  }
}

function reportKey(name: string, source: string): string {
  return sha256(`${name}\n${source}`);
}

/** Whether a new text asks more of the world than the old one did. */
function asksForMore(before: CheckReport, after: CheckReport): boolean {
  const had = new Set((before.file?.manifest.capabilities ?? []).map(capabilityText));
  const effects = new Set(before.file?.manifest.effects ?? []);
  const { capabilities = [], effects: now = [] } = after.file?.manifest ?? {};
  return capabilities.some((each) => !had.has(capabilityText(each))) || now.some((each) => !effects.has(each));
}
