import type { Intervention, Read } from "../../contract/sites";
import type { GenerateParams, State } from "../../contract/verbs";
import type { Context } from "../llama/context";
import type { Watch } from "../llama/hooks";
import type { LiveNode } from "../llama/hooks";
import { readRow, rowsOf } from "../llama/rows";
import { placeOf } from "../llama/sites";
import { Alterations, siteWidth } from "./alterations";
import { watchFor } from "./pass";
import type { RunningBatch } from "./runningBatch";
import type { Hooked, Session } from "./session";

/**
 * Interventions that llama.cpp's own control vector can make: a constant added to every position of a block's output, from
 * the second block on. They run at full speed, in a context without a callback.
 */
export function isControlVector({ site, layer, operation, where, indices, sequences }: Intervention): boolean {
  return (
    operation === "add" &&
    site === "resid_post" &&
    layer !== undefined &&
    layer >= 1 &&
    where === "all" &&
    indices === undefined &&
    sequences === undefined
  );
}

/** Sets the sum of the interventions as the context's control vector; none takes it away. */
export function setControlVector(session: Session, context: Context, interventions: readonly Intervention[]): void {
  const { embedding, layers } = session.model;
  if (interventions.length === 0) {
    context.controlVector(null, 0, 0);
    return;
  }
  // A row for each layer from 1 on.
  const data = new Float32Array(embedding * (layers - 1));
  for (const { layer, values, strength = 1 } of interventions) {
    const at = (layer! - 1) * embedding;
    for (let index = 0; index < embedding; index++) data[at + index]! += strength * values![index]!;
  }
  context.controlVector(data, 1, layers - 1);
}

/** The states a generation keeps of the positions that predict its tokens. */
class LastStates {
  private states: State[][] = [];

  constructor(
    private readonly session: Session,
    private readonly reads: readonly Read[],
  ) {
    for (const { site, layer } of reads) placeOf(session.sites, site, layer);
  }

  begin(batch: RunningBatch): void {
    this.states = batch.segments.map((segment) =>
      this.reads.map(({ site, layer }) => {
        const width = siteWidth(this.session, site);
        const state: State = {
          site,
          positions: [segment.from + segment.count - 1],
          width,
          data: new Float32Array(width),
        };
        return layer === undefined ? state : { ...state, layer };
      }),
    );
  }

  of(segment: number): State[] {
    return this.states[segment]!;
  }

  watch(batch: () => RunningBatch): (watch: Watch, which: (read: Read) => boolean) => void {
    return (watch, which) =>
      this.reads.forEach((read, index) => {
        if (which(read))
          watch.add(placeOf(this.session.sites, read.site, read.layer), (node) => this.keep(node, batch(), index));
      });
  }

  private keep(node: LiveNode, batch: RunningBatch, index: number): void {
    const view = rowsOf(node);
    batch.segments.forEach(({ start, count }, segment) => {
      const row = batch.rowOf(start + count - 1, view.count);
      if (row >= 0) readRow(this.session.door.api, node, view, row, this.states[segment]![index]!.data);
    });
  }
}

/** Runs the batches of one generation, with what is to be written and kept on the way. */
export class Runner {
  private readonly alterations: Alterations;
  private readonly last: LastStates;
  private readonly watch: Watch | undefined;
  private batch: RunningBatch | undefined;

  constructor(
    session: Session,
    private readonly place: Partial<Hooked> & { context: Context },
    interventions: readonly Intervention[],
    reads: readonly Read[],
  ) {
    this.alterations = new Alterations(session, interventions);
    this.last = new LastStates(session, reads);
    const batch = (): RunningBatch => this.batch!;
    const readings = { watch: this.last.watch(batch) };
    this.watch = place.hooks ? watchFor(readings, this.alterations, batch) : undefined;
  }

  /** An intervention acts on the last block's rows, so that they must be kept. */
  needsOutput(prompt: number, position: number): boolean {
    return this.alterations.wantsOutput({ index: 0, prompt }, position);
  }

  async run(batch: RunningBatch, signal: AbortSignal): Promise<void> {
    this.batch = batch;
    const { hooks } = this.place;
    if (!hooks) return this.place.context.decode(batch.batch, signal);
    this.last.begin(batch);
    hooks.set(this.watch);
    try {
      await this.place.context.decode(batch.batch, signal);
      hooks.check();
    } finally {
      hooks.set(undefined);
    }
  }

  /** What was kept of a segment's last position. */
  states(segment: number): State[] {
    return this.last.of(segment);
  }
}

/** Whether a generation has to run where its graph can be watched. */
export function needsHooks(params: GenerateParams, written: readonly Intervention[]): boolean {
  return (
    written.length > 0 ||
    (params.reads?.length ?? 0) > 0 ||
    params.lens !== undefined ||
    (params.meters?.length ?? 0) > 0
  );
}
