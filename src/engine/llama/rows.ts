import type { Api } from "./api";
import type { LiveNode } from "./hooks";

/**
 * Rows of a node: one a token. Nodes of a mixture hold [neurons, chosen experts, tokens]; their row is the whole of a
 * token's slots.
 */
export interface RowView {
  width: number;
  count: number;
  /** Bytes from a row to the next. */
  stride: number;
  contiguous: boolean;
}

export function rowsOf({ shape, strides }: LiveNode): RowView {
  const [width, second, third] = shape;
  if (third <= 1) return { width, count: second, stride: strides[1], contiguous: strides[0] === 4 };
  return {
    width: width * second,
    count: third,
    stride: strides[2],
    contiguous: strides[0] === 4 && strides[1] === width * 4,
  };
}

/** Copies row `index` into `into`. */
export function readRow(api: Api, node: LiveNode, view: RowView, index: number, into: Float32Array): void {
  api.ggml_backend_tensor_get(node.pointer, into, index * view.stride, view.width * 4);
}

/** Copies `count` rows that lie one after the other. */
export function readRows(
  api: Api,
  node: LiveNode,
  view: RowView,
  first: number,
  count: number,
  into: Float32Array,
): void {
  if (count === 0) return;
  if (view.stride === view.width * 4) {
    api.ggml_backend_tensor_get(node.pointer, into, first * view.stride, count * view.width * 4);
    return;
  }
  for (let index = 0; index < count; index++) {
    readRow(api, node, view, first + index, into.subarray(index * view.width, (index + 1) * view.width));
  }
}

export function writeRow(api: Api, node: LiveNode, view: RowView, index: number, row: Float32Array): void {
  api.ggml_backend_tensor_set(node.pointer, row, index * view.stride, view.width * 4);
}

/** Copies a row of 32-bit integers. */
export function readIntRow(api: Api, node: LiveNode, index: number, into: Int32Array): void {
  api.ggml_backend_tensor_get(node.pointer, into, index * node.strides[1], into.length * 4);
}
