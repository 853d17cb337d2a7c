import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { promptInput } from "../../agent/brains/engineBrain";
import { calibrationOf } from "../../agent/planning/calibration";
import { emptyPlanView, withPlanEvent } from "../../agent/planning/view";
import { eventsOf, parseLines } from "../../agent/run/journalState";
import { formOfTemplate } from "../../agent/tools/calling/forms";
import type { JournalLine } from "../../contract/agent";
import { fail } from "../../contract/errors";
import type { Calibration, PlanView } from "../../contract/plan";
import type { PlanDecisionView } from "../../contract/planView";
import type { InstrumentRequest } from "../../contract/view";
import type { Agents } from "../agent/agents";
import type { EngineService } from "../engine/service";
import type { Traces } from "../trace/traces";

/** Plans of runs that are over, and what was decided in any of them: read from the runs' files. */
export class Plans {
  constructor(
    private readonly traces: Traces,
    private readonly engine: Pick<EngineService, "ensureModel" | "call">,
    private readonly agents: Pick<Agents, "workspace">,
  ) {}

  /** The plan of a run; undefined where it made none. */
  async open(run: string): Promise<PlanView | undefined> {
    const view = eventsOf(await this.lines(run)).reduce(withPlanEvent, emptyPlanView(run));
    return view.nodes.length === 0 ? undefined : view;
  }

  /** The plan of the latest run that has one. */
  async latest(): Promise<PlanView | undefined> {
    for (const { run } of (await this.traces.list()).slice(0, 20)) {
      const plan = await this.open(run);
      if (plan) return plan;
    }
    return undefined;
  }

  async calibration(brain: string): Promise<Calibration | null> {
    const samples = await (await this.agents.workspace()).calibration.load(brain);
    return samples.length === 0 ? null : calibrationOf(samples);
  }

  async decisions(run: string, node: string): Promise<PlanDecisionView[]> {
    const lines = await this.lines(run);
    const known = new Map(
      lines.flatMap((line) => (line.type === "message" ? [[line.hash, line.message] as const] : [])),
    );
    return eventsOf(lines).flatMap((event) => {
      if (event.type !== "planDecision" || event.decision.node !== node) return [];
      const { id, kind, messages, text, thought, others, tokens = [], usage } = event.decision;
      return [
        {
          id,
          kind,
          messages: messages.flatMap((hash) => known.get(hash) ?? []),
          text,
          thought,
          others,
          tokens,
          promptTokens: usage.promptTokens,
          reusedTokens: usage.reusedTokens,
        },
      ];
    });
  }

  /** The place where a decision's reply began: everything the model had read, and what it said first. */
  async place(run: string, decision: string, instrument: InstrumentRequest["instrument"]): Promise<InstrumentRequest> {
    const node = decision.slice(0, Math.max(0, decision.indexOf("-")));
    const found = (await this.decisions(run, node)).find(({ id }) => id === decision);
    if (!found) fail("badArgument", vscode.l10n.t("The plan has no such decision."));
    if (found.tokens.length === 0)
      fail("notAllowed", vscode.l10n.t("A server's model wrote this: its inside cannot be opened."));
    const model = await this.engine.ensureModel();
    const { tokens } = await this.engine.call("render", {
      input: promptInput(formOfTemplate(model.chatTemplate), found.messages, []),
      ...(found.kind === "act" || found.kind === "answer" ? {} : { think: "off" as const }),
    });
    const at = Math.max(
      0,
      found.tokens.findIndex(({ part }) => part === "answer"),
    );
    const ids = [...tokens, ...found.tokens.slice(0, at)].map(({ id }) => id);
    const target = found.tokens[at]?.text ?? "";
    return {
      instrument,
      tokens: ids,
      position: ids.length - 1,
      ...(target ? { target } : {}),
      title: found.text.slice(0, 80),
    };
  }

  private async lines(run: string): Promise<JournalLine[]> {
    const text = await readFile(this.traces.fileOf(run), "utf8");
    return parseLines(text.split("\n").filter(Boolean));
  }
}
