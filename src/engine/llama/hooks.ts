import koffi from "koffi";
import type { Api } from "./api";
import { enums } from "./layouts";
import { offsetOf, readInt32, readInt64, readPointer } from "./native";
import type { Pointer } from "./native";
import type { NodePlace } from "./sites";

/** A node of the running graph whose numbers are there to be read and overwritten. */
export interface LiveNode {
  pointer: Pointer;
  /** ggml's order, fastest first. */
  shape: [number, number, number, number];
  /** Bytes from one entry of a dimension to the next. */
  strides: [number, number, number, number];
  layer: number | undefined;
}

/** What is done when a node has been computed. */
export type NodeAction = (node: LiveNode) => void;

/** What a node of the running graph was found to be. */
interface Found {
  action: NodeAction;
  layer: number | undefined;
}

interface Wanted {
  named: Map<string, NodeAction>;
  /** Nodes named without their layer: the n-th of the name is layer n. */
  bare: Map<string, Map<number, NodeAction>>;
  projection: Map<number, NodeAction>;
  afterAttention: Map<number, NodeAction>;
}

/** What to look for during the next calls of the model. */
export class Watch {
  /**
   * Nothing after the last watched node is wanted: the graph may end there. On one device alone; where the graph is split
   * over several, the parts after the break would still run, on numbers that were never made.
   */
  stopWhenDone = false;

  readonly wanted: Wanted = { named: new Map(), bare: new Map(), projection: new Map(), afterAttention: new Map() };

  /** Every action of a node runs in the order it was added. */
  add({ rule, layer }: NodePlace, action: NodeAction): void {
    if (layer === undefined) {
      if (rule.kind === "name") chain(this.wanted.named, rule.name, action);
      return;
    }
    if (rule.kind === "name") chain(this.wanted.named, `${rule.name}-${layer}`, action);
    else if (rule.kind === "bare") {
      const layers = this.wanted.bare.get(rule.name) ?? new Map<number, NodeAction>();
      chain(layers, layer, action);
      this.wanted.bare.set(rule.name, layers);
    } else chain(this.wanted[rule.kind], layer, action);
  }

  /** How many nodes are watched. */
  get size(): number {
    const { named, bare, projection, afterAttention } = this.wanted;
    const inLayers = [...bare.values()].reduce((sum, layers) => sum + layers.size, 0);
    return named.size + inLayers + projection.size + afterAttention.size;
  }

  /** A node by its plain name. */
  addNamed(name: string, action: NodeAction): void {
    chain(this.wanted.named, name, action);
  }
}

function chain<K>(map: Map<K, NodeAction>, key: K, action: NodeAction): void {
  const before = map.get(key);
  map.set(
    key,
    before
      ? (node) => {
          before(node);
          action(node);
        }
      : action,
  );
}

const { GGML_OP_ADD, GGML_OP_MUL, GGML_OP_MUL_MAT, GGML_OP_GET_ROWS } = enums.ggml_op;

/**
 * The evaluation callback of one context. llama.cpp asks for each node of the graph whether it is wanted, and hands a
 * wanted one back once it is computed; what is written into it there, later nodes see.
 */
export class Hooks {
  /** What llama.cpp calls; given to the context when it is made. */
  readonly callback: Pointer;
  private watch: Watch | undefined;
  private failure: unknown;
  /** Watched nodes that are still to come. */
  private left = 0;
  private seen = new Map<string, number>();
  private done = new Set<string>();
  private pending: ({ pointer: Pointer } & Found) | undefined;
  /** The attention's projection of the layer at hand, with the adapters' part where they add one. */
  private projected: { layer: number; pointer: Pointer; parts: number } | undefined;

  /** `projectionParts`: how many summands and factors (bias, scale, adapters) follow a layer's attention projection. */
  constructor(
    private readonly api: Api,
    private readonly projectionParts: (layer: number) => number,
  ) {
    const type = koffi.pointer(koffi.proto("bool", ["void *", "bool", "void *"]));
    this.callback = koffi.register(
      (tensor: Pointer, ask: boolean): boolean => (ask ? this.ask(tensor) : this.give(tensor)),
      type,
    );
  }

  /** Sets what to look for; undefined for nothing. */
  set(watch: Watch | undefined): void {
    this.watch = watch;
    this.begin();
  }

  /** Called before each run of the graph. */
  begin(): void {
    this.seen.clear();
    this.done.clear();
    this.pending = undefined;
    this.projected = undefined;
    this.failure = undefined;
    this.left = this.watch?.size ?? 0;
  }

  /** Throws what an action threw while the graph ran. */
  check(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  close(): void {
    koffi.unregister(this.callback);
  }

  private ask(tensor: Pointer): boolean {
    const { watch } = this;
    if (!watch || this.failure !== undefined) return false;
    const name = this.api.ggml_get_name(tensor);
    const action = this.byName(watch.wanted, name) ?? this.byStructure(watch.wanted, tensor);
    if (!action) return false;
    this.pending = { pointer: tensor, ...action };
    return true;
  }

  private byName(wanted: Wanted, name: string): Found | undefined {
    const named = wanted.named.get(name);
    if (named) {
      // A name can come again in the same layer (a sum that keeps its summand's name): the first is meant.
      if (this.done.has(name)) return undefined;
      this.done.add(name);
      return { action: named, layer: layerIn(name) };
    }
    const layers = wanted.bare.get(name);
    if (!layers) return undefined;
    const layer = this.seen.get(name) ?? 0;
    this.seen.set(name, layer + 1);
    const action = layers.get(layer);
    return action && { action, layer };
  }

  /** Follows the attention's projection, which has no name in several architectures. */
  private byStructure(wanted: Wanted, tensor: Pointer): Found | undefined {
    if (wanted.projection.size === 0 && wanted.afterAttention.size === 0) return undefined;
    const op = readInt32(tensor, offsetOf("ggml_tensor", "op"));
    if (op === GGML_OP_MUL_MAT) {
      const layer = this.projectionLayer(tensor);
      if (layer === undefined) return undefined;
      this.projected = { layer, pointer: tensor, parts: this.projectionParts(layer) };
      return this.ifWhole(wanted);
    }
    if (!this.projected || (op !== GGML_OP_ADD && op !== GGML_OP_MUL)) return undefined;
    const { layer, pointer, parts } = this.projected;
    const first = source(tensor, 0);
    const cropped = first !== null && readInt32(first, offsetOf("ggml_tensor", "op")) === GGML_OP_GET_ROWS;
    const from = cropped ? source(first, 0) : first;
    if (from !== pointer) return undefined;
    if (parts > 0) {
      this.projected = { layer, pointer: tensor, parts: parts - 1 };
      return this.ifWhole(wanted);
    }
    this.projected = undefined;
    const action = wanted.afterAttention.get(layer);
    return action && { action, layer };
  }

  private ifWhole(wanted: Wanted): { action: NodeAction; layer: number } | undefined {
    if (!this.projected || this.projected.parts > 0) return undefined;
    const { layer } = this.projected;
    const action = wanted.projection.get(layer);
    return action && { action, layer };
  }

  private projectionLayer(tensor: Pointer): number | undefined {
    const weight = source(tensor, 0);
    const match = weight === null ? null : /^blk\.(\d+)\.attn_output\.weight$/.exec(this.api.ggml_get_name(weight));
    return match ? Number(match[1]) : undefined;
  }

  private give(tensor: Pointer): boolean {
    const { pending } = this;
    this.pending = undefined;
    if (!pending || pending.pointer !== tensor) return true;
    try {
      pending.action(liveNode(tensor, pending.layer));
    } catch (error) {
      // Nothing may be thrown through C: kept until the graph has run.
      this.failure = error;
    }
    this.left--;
    return !(this.watch?.stopWhenDone && this.left === 0);
  }
}

function layerIn(name: string): number | undefined {
  const match = /-(\d+)$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** A tensor's n-th source. */
export function source(tensor: Pointer, index: number): Pointer | null {
  return readPointer(tensor, offsetOf("ggml_tensor", "src") + 8 * index);
}

export function liveNode(pointer: Pointer, layer: number | undefined): LiveNode {
  const ne = offsetOf("ggml_tensor", "ne");
  const nb = offsetOf("ggml_tensor", "nb");
  const four = (at: number): [number, number, number, number] => [
    readInt64(pointer, at),
    readInt64(pointer, at + 8),
    readInt64(pointer, at + 16),
    readInt64(pointer, at + 24),
  ];
  return { pointer, shape: four(ne), strides: four(nb), layer };
}
