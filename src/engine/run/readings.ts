import type { Read, Site } from "../../contract/sites";
import type { State } from "../../contract/verbs";
import type { LiveNode, NodeAction, Watch } from "../llama/hooks";
import { readIntRow, readRow, readRows, rowsOf } from "../llama/rows";
import { placeOf, wantsOutputs } from "../llama/sites";
import { siteWidth } from "./alterations";
import { resolvePositions } from "./positions";
import type { RunningBatch, Segment } from "./runningBatch";
import type { Session } from "./session";

/** A sequence that is read: its length is known before it runs. */
export interface ReadSequence {
  length: number;
  /** Cache cell of its first token. */
  cell: number;
}

/** What is read of a run, chunk by chunk. */
export class Readings {
  private readonly wanted: Uint8Array[][];
  private states: State[][] = [];
  private batch: RunningBatch | undefined;

  constructor(
    private readonly session: Session,
    private readonly reads: readonly Read[],
    private readonly sequences: readonly ReadSequence[],
  ) {
    for (const { site, layer } of reads) placeOf(session.sites, site, layer);
    this.wanted = sequences.map(({ length }) =>
      reads.map(({ positions }) => {
        const mask = new Uint8Array(length);
        for (const position of resolvePositions(positions, length)) mask[position] = 1;
        return mask;
      }),
    );
  }

  wantsOutput(sequence: number, position: number): boolean {
    return this.reads.some(
      ({ site, layer }, index) =>
        wantsOutputs(this.session.sites, site, layer) && this.wanted[sequence]![index]![position] === 1,
    );
  }

  /** Adds the reads to a watch; `which` picks those that come before or after an intervention on the same node. */
  watch(watch: Watch, which: (read: Read) => boolean): void {
    this.reads.forEach((read, index) => {
      if (!which(read)) return;
      watch.add(placeOf(this.session.sites, read.site, read.layer), this.action(read.site, index));
      if (read.site === "mlp_post" && this.session.sites.mixture) {
        watch.addNamed(`ffn_moe_topk-${read.layer}`, (node) => this.readExperts(node, index));
      }
    });
  }

  /** Makes room for the states of a batch's segments. */
  begin(batch: RunningBatch): void {
    this.batch = batch;
    this.states = batch.segments.map((segment) => this.reads.map((read, index) => this.room(segment, read, index)));
  }

  /** States of one segment, in the order of the reads. */
  of(segment: number): State[] {
    return this.states[segment]!;
  }

  private room({ sequence, from, count }: Segment, { site, layer }: Read, index: number): State {
    const mask = this.wanted[sequence]![index]!;
    const positions: number[] = [];
    for (let position = from; position < from + count; position++) if (mask[position]) positions.push(position);
    const { length } = this.sequences[sequence]!;
    const width = site === "pattern" ? length : siteWidth(this.session, site);
    const rows = site === "pattern" ? positions.length * this.session.model.heads : positions.length;
    const state: State = { site, positions, width, data: new Float32Array(rows * width) };
    if (layer !== undefined) state.layer = layer;
    if (site === "mlp_post" && this.session.sites.mixture) {
      state.experts = new Int32Array(positions.length * this.session.model.expertsUsed);
    }
    return state;
  }

  private action(site: Site, index: number): NodeAction {
    return site === "pattern" ? (node) => this.readPattern(node, index) : (node) => this.readState(node, index);
  }

  private readState(node: LiveNode, index: number): void {
    const { api } = this.session.door;
    const batch = this.batch!;
    const view = rowsOf(node);
    batch.segments.forEach(({ from, start, count }, at) => {
      const { positions, width, data } = this.states[at]![index]!;
      if (positions.length === 0 || view.count === 0) return;
      const whole = positions.length === count && view.count === batch.count;
      if (whole) {
        readRows(api, node, view, start, count, data);
        return;
      }
      positions.forEach((position, row) => {
        const found = batch.rowOf(start + position - from, view.count);
        if (found >= 0) readRow(api, node, view, found, data.subarray(row * width, (row + 1) * width));
      });
    });
  }

  private readExperts(node: LiveNode, index: number): void {
    const batch = this.batch!;
    const rows = node.shape[1];
    const used = node.shape[0];
    batch.segments.forEach(({ from, start }, at) => {
      const { positions, experts } = this.states[at]![index]!;
      positions.forEach((position, row) => {
        const found = batch.rowOf(start + position - from, rows);
        if (found >= 0 && experts) {
          readIntRow(this.session.door.api, node, found, experts.subarray(row * used, (row + 1) * used));
        }
      });
    });
  }

  /** [cells, tokens, heads] of the whole cache, cut to the sequence's own cells. */
  private readPattern(node: LiveNode, index: number): void {
    const { api } = this.session.door;
    const [cells, , heads] = node.shape;
    const line = new Float32Array(cells);
    this.batch!.segments.forEach(({ sequence, from, start }, at) => {
      const { positions, width, data } = this.states[at]![index]!;
      const { cell } = this.sequences[sequence]!;
      for (let head = 0; head < heads; head++) {
        positions.forEach((position, row) => {
          const offset = head * node.strides[2] + (start + position - from) * node.strides[1];
          api.ggml_backend_tensor_get(node.pointer, line, offset, cells * 4);
          const keys = position + 1;
          data.set(line.subarray(cell, cell + keys), (head * positions.length + row) * width);
        });
      }
    });
  }
}
