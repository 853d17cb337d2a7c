import { fail } from "../../contract/errors";
import type { Intervention } from "../../contract/sites";
import { rowChange } from "../llama/interventions";
import type { RowChange } from "../llama/interventions";
import { readRow, rowsOf, writeRow } from "../llama/rows";
import type { NodeAction, Watch } from "../llama/hooks";
import { placeOf, wantsOutputs } from "../llama/sites";
import { resolveWhere } from "./positions";
import type { RunningBatch } from "./runningBatch";
import type { Session } from "./session";

/** A sequence as the interventions see it: how long it will be in the end is not known while it is generated. */
export interface AlteredSequence {
  /** Index among the sequences of the call. */
  index: number;
  prompt: number;
}

interface Prepared {
  intervention: Intervention;
  change: RowChange;
}

/** The interventions of a run, checked and ready to be written into its graph. */
export class Alterations {
  private readonly prepared: Prepared[];

  constructor(
    private readonly session: Session,
    interventions: readonly Intervention[],
  ) {
    this.prepared = interventions.map((intervention) => this.prepare(intervention));
  }

  get empty(): boolean {
    return this.prepared.length === 0;
  }

  private prepare(intervention: Intervention): Prepared {
    const { site, layer } = intervention;
    placeOf(this.session.sites, site, layer);
    if (site === "pattern") {
      fail("badArgument", "Attention patterns can be read, not written; write the heads' values at site 'z' instead.");
    }
    const { where, rows = 1 } = intervention;
    if (!Number.isInteger(rows) || rows < 1) fail("badArgument", `An intervention cannot have ${rows} rows.`);
    if (rows > 1 && typeof where !== "string" && where.length !== rows) {
      fail("badArgument", `${rows} rows are given for ${where.length} positions.`);
    }
    const { model } = this.session;
    const width = siteWidth(this.session, site);
    if (intervention.unit === "head" && site !== "z") fail("badArgument", "Only site 'z' is made of heads.");
    return { intervention, change: rowChange(intervention, { width, headWidth: model.headWidth }) };
  }

  /** Positions of a sequence that must have an output, so that the last block keeps their rows. */
  wantsOutput({ index, prompt }: AlteredSequence, position: number): boolean {
    return this.prepared.some(
      ({ intervention }) =>
        wantsOutputs(this.session.sites, intervention.site, intervention.layer) &&
        acts(intervention, index) &&
        rowIndexAt(intervention, position, prompt) >= 0,
    );
  }

  /** Interventions whose site comes before (`resid_pre` after `resid_post` of the block before) are added in that order. */
  watch(watch: Watch, batch: () => RunningBatch, which: (intervention: Intervention) => boolean): void {
    for (const { intervention, change } of this.prepared) {
      if (!which(intervention)) continue;
      watch.add(
        placeOf(this.session.sites, intervention.site, intervention.layer),
        this.action(intervention, change, batch),
      );
    }
  }

  private action(intervention: Intervention, change: RowChange, batch: () => RunningBatch): NodeAction {
    const { api } = this.session.door;
    let row = new Float32Array(0);
    return (node) => {
      const running = batch();
      const view = rowsOf(node);
      if (row.length !== view.width) row = new Float32Array(view.width);
      for (const { sequence, prompt, from, count, start } of running.segments) {
        if (!acts(intervention, sequence)) continue;
        for (let offset = 0; offset < count; offset++) {
          const rowIndex = rowIndexAt(intervention, from + offset, prompt);
          if (rowIndex < 0) continue;
          const at = running.rowOf(start + offset, view.count);
          if (at < 0) continue;
          readRow(api, node, view, at, row);
          change(row, rowIndex);
          writeRow(api, node, view, at, row);
        }
      }
    };
  }
}

function acts({ sequences }: Intervention, index: number): boolean {
  return sequences === undefined || sequences.includes(index);
}

/** Which of the intervention's rows belongs to a position; -1 where it does not act. */
function rowIndexAt({ where, rows = 1 }: Intervention, position: number, prompt: number): number {
  if (typeof where !== "string") {
    const at = resolveWhere(where, prompt, prompt).indexOf(position);
    return at;
  }
  const inside =
    where === "all" ||
    (where === "prompt" && position < prompt) ||
    (where === "generated" && position >= prompt) ||
    (where === "lastPrompt" && position === prompt - 1);
  if (!inside) return -1;
  const index = where === "generated" ? position - prompt : where === "lastPrompt" ? 0 : position;
  // Rows beyond those given are left alone: a patch of n rows acts on n positions.
  return rows > 1 && index >= rows ? -1 : index;
}

/** Numbers in a row of a site. For a mixture, `mlp_post` is the chosen experts' neurons one after the other. */
export function siteWidth({ model, sites }: Session, site: string): number {
  switch (site) {
    case "mlp_post":
      return sites.mixture ? model.neurons * model.expertsUsed : model.neurons;
    case "z":
      return model.heads * model.headWidth;
    case "logits":
      return model.vocabulary.size;
    default:
      return model.embedding;
  }
}
