import { Computer, type Graph } from "../../llama/compute";
import type { Door } from "../../llama/door";
import type { Products, Shape } from "./products";

/**
 * The products as ggml graphs on the model's devices. ggml's mul_mat(a, b) takes a [K, M] and b [K, N] (fastest dimension first) to [M, N],
 * which is b a^T of the row-major arrays; the products over the batch go through transposed copies.
 */
export function ggmlProducts(computer: Computer, { batch, width, features }: Shape, threads: () => number): Products {
  const { api } = computer.door;
  let spent = 0;
  const encode = computer.graph(32, (context, parts) => {
    const weights = parts.input("weights", "f32", width, features);
    const x = parts.input("x", "f32", width, batch);
    parts.output("out", api.ggml_mul_mat(context, weights, x));
  });
  const decode = computer.graph(32, (context, parts) => {
    const weights = parts.input("weights", "f32", width, features);
    const a = parts.input("a", "f32", features, batch);
    const turned = api.ggml_cont(context, api.ggml_transpose(context, weights));
    parts.output("out", api.ggml_mul_mat(context, turned, a));
  });
  const back = computer.graph(32, (context, parts) => {
    const weights = parts.input("weights", "f32", width, features);
    const a = parts.input("a", "f32", features, batch);
    const e = parts.input("e", "f32", width, batch);
    parts.output("activations", api.ggml_mul_mat(context, weights, e));
    const [eTurned, aTurned] = [e, a].map((each) => api.ggml_cont(context, api.ggml_transpose(context, each)));
    parts.output("decoder", api.ggml_mul_mat(context, eTurned!, aTurned!));
  });
  const encoderGradient = computer.graph(32, (context, parts) => {
    const g = parts.input("g", "f32", features, batch);
    const x = parts.input("x", "f32", width, batch);
    const [xTurned, gTurned] = [x, g].map((each) => api.ggml_cont(context, api.ggml_transpose(context, each)));
    parts.output("out", api.ggml_mul_mat(context, xTurned!, gTurned!));
  });
  const run = (graph: Graph, inputs: Record<string, Float32Array>, outputs: Record<string, Float32Array>): void => {
    const start = performance.now();
    computer.setThreads(threads());
    for (const [name, data] of Object.entries(inputs)) graph.set(name, data, data.byteLength);
    graph.compute();
    for (const [name, into] of Object.entries(outputs)) graph.floats(name, into);
    spent += (performance.now() - start) / 1000;
  };
  return {
    encode: (x, encoder, into) => run(encode, { weights: encoder, x }, { out: into }),
    decode: (a, decoder, into) => run(decode, { weights: decoder, a }, { out: into }),
    back: (a, e, decoder, into) =>
      run(back, { weights: decoder, a, e }, { activations: into.activations, decoder: into.decoder }),
    encoderGradient: (g, x, into) => run(encoderGradient, { g, x }, { out: into }),
    seconds: () => spent,
    close: () => [encode, decode, back, encoderGradient].forEach((graph) => graph.close()),
  };
}

/** The products on back ends of their own, so that they may run while the model's own graphs do. */
export function ownProducts(door: Door, cpuOnly: boolean, shape: Shape, threads: () => number): Products {
  const computer = new Computer(door, cpuOnly);
  const products = ggmlProducts(computer, shape, threads);
  return {
    ...products,
    close: () => {
      products.close();
      computer.close();
    },
  };
}
