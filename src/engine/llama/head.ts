import type { Api } from "./api";
import { source } from "./hooks";
import type { LiveNode } from "./hooks";
import { enums } from "./layouts";
import { offsetOf, readFloat, readInt32 } from "./native";
import type { Pointer } from "./native";

/** One operation of the way from the stream to the logits, with the live tensor it uses. */
export type HeadStep =
  | { kind: "rmsNorm" | "layerNorm"; eps: number }
  | { kind: "multiply" | "add"; by: Pointer }
  | { kind: "project"; by: Pointer }
  | { kind: "scale"; factor: number }
  | { kind: "tanh" };

/** The final norm and the unembedding, as the model's own graph has them. */
export interface Head {
  norm: HeadStep[];
  unembed: HeadStep[];
}

const ops = enums.ggml_op;
/** ggml_unary_op: TANH. */
const tanh = 4;

/**
 * Reads the final norm off the live graph: at `result_norm`, back through scales and biases to the norm itself.
 * Undefined where it is made otherwise.
 */
export function normSteps(node: LiveNode): HeadStep[] | undefined {
  return walk(node.pointer, (op) => op === ops.GGML_OP_RMS_NORM || op === ops.GGML_OP_NORM);
}

/** Reads the unembedding off the live graph: at `result_output`, back to the product with the embedding's matrix. */
export function unembedSteps(node: LiveNode): HeadStep[] | undefined {
  return walk(node.pointer, (op) => op === ops.GGML_OP_MUL_MAT);
}

function walk(from: Pointer, isFirst: (op: number) => boolean): HeadStep[] | undefined {
  const steps: HeadStep[] = [];
  let tensor: Pointer | null = from;
  // No architecture has more than a handful of operations there.
  for (let length = 0; length < 8 && tensor !== null; length++) {
    const op = readInt32(tensor, offsetOf("ggml_tensor", "op"));
    const step = stepOf(op, tensor);
    if (!step) return undefined;
    steps.unshift(step);
    if (isFirst(op)) return steps;
    tensor = source(tensor, 0);
  }
  return undefined;
}

function stepOf(op: number, tensor: Pointer): HeadStep | undefined {
  const params = offsetOf("ggml_tensor", "op_params");
  const second = source(tensor, 1);
  switch (op) {
    case ops.GGML_OP_RMS_NORM:
      return { kind: "rmsNorm", eps: readFloat(tensor, params) };
    case ops.GGML_OP_NORM:
      return { kind: "layerNorm", eps: readFloat(tensor, params) };
    case ops.GGML_OP_MUL:
      return second === null ? undefined : { kind: "multiply", by: second };
    case ops.GGML_OP_ADD:
      return second === null ? undefined : { kind: "add", by: second };
    case ops.GGML_OP_MUL_MAT: {
      const matrix = source(tensor, 0);
      return matrix === null ? undefined : { kind: "project", by: matrix };
    }
    case ops.GGML_OP_SCALE:
      return readFloat(tensor, params + 4) === 0 ? { kind: "scale", factor: readFloat(tensor, params) } : undefined;
    case ops.GGML_OP_UNARY:
      return readInt32(tensor, params) === tanh ? { kind: "tanh" } : undefined;
    default:
      return undefined;
  }
}

/** Builds the steps over `input` in a graph of our own. */
export function buildSteps(api: Api, graph: Pointer, steps: readonly HeadStep[], input: Pointer): Pointer {
  return steps.reduce((value, step) => {
    switch (step.kind) {
      case "rmsNorm":
        return api.ggml_rms_norm(graph, value, step.eps);
      case "layerNorm":
        return api.ggml_norm(graph, value, step.eps);
      case "multiply":
        return api.ggml_mul(graph, value, step.by);
      case "add":
        return api.ggml_add(graph, value, step.by);
      case "project":
        return api.ggml_mul_mat(graph, step.by, value);
      case "scale":
        return api.ggml_scale(graph, value, step.factor);
      default:
        return api.ggml_tanh(graph, value);
    }
  }, input);
}
