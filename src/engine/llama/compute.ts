import koffi from "koffi";
import { fail } from "../../contract/errors";
import type { Door } from "./door";
import { enums } from "./layouts";
import type { Memory, Pointer } from "./native";

/** Runs graphs of our own on the model's devices, the CPU last. */
export class Computer {
  private readonly backends: Pointer[] = [];
  private readonly threadSetters: ((threads: number) => void)[] = [];

  constructor(
    readonly door: Door,
    cpuOnly: boolean,
  ) {
    const { api } = door;
    const devices = door.devices.filter(({ kind }) => kind === "gpu" && !cpuOnly);
    const cpu = door.devices.find(({ kind }) => kind === "cpu");
    if (!cpu) fail("libraryMismatch", "llama.cpp brought no back end for this CPU.");
    for (const device of [...devices, cpu]) {
      const backend = api.ggml_backend_dev_init(device.pointer, null);
      if (backend === null) continue;
      this.backends.push(backend);
      const registry = api.ggml_backend_dev_backend_reg(device.pointer);
      const setter = api.ggml_backend_reg_get_proc_address(registry, "ggml_backend_set_n_threads");
      if (setter === null) continue;
      const type = koffi.proto("void", ["void *", "int32_t"]);
      this.threadSetters.push((threads) => void koffi.call(setter, type, backend, threads));
    }
  }

  setThreads(threads: number): void {
    for (const set of this.threadSetters) set(threads);
  }

  /** Builds a graph of at most `nodes` tensors once; it can be run again with other inputs. */
  graph(nodes: number, build: (context: Pointer, add: GraphParts) => void): Graph {
    return new Graph(this.door, this.backends, nodes, build);
  }

  close(): void {
    for (const backend of this.backends) this.door.api.ggml_backend_free(backend);
  }
}

/** Names the inputs and outputs of a graph while it is built. */
export interface GraphParts {
  input(name: string, type: "f32" | "i32", width: number, rows: number): Pointer;
  output(name: string, tensor: Pointer): void;
}

export class Graph {
  private readonly context: Pointer;
  private readonly scheduler: Pointer;
  private readonly graph: Pointer;
  private readonly inputs = new Map<string, Pointer>();
  private readonly outputs = new Map<string, Pointer>();

  constructor(
    private readonly door: Door,
    backends: Pointer[],
    nodes: number,
    build: (context: Pointer, parts: GraphParts) => void,
  ) {
    const { api } = door;
    const bytes = Number(api.ggml_tensor_overhead()) * nodes + Number(api.ggml_graph_overhead_custom(nodes, false));
    const context = api.ggml_init({ mem_size: bytes, mem_buffer: null, no_alloc: true });
    if (context === null) fail("tooLarge", "There is no memory for a graph.");
    this.context = context;
    this.graph = api.ggml_new_graph_custom(context, nodes, false);
    build(context, {
      input: (name, type, width, rows) => this.input(name, type, width, rows),
      output: (name, tensor) => this.output(name, tensor),
    });
    const list = BigUint64Array.from(backends);
    this.scheduler = api.ggml_backend_sched_new(list, null, backends.length, nodes, false, false);
    if (!api.ggml_backend_sched_alloc_graph(this.scheduler, this.graph)) {
      this.close();
      fail("tooLarge", "There is no memory to unembed with.", {
        remedy: "Close other programs, or ask for fewer rows.",
      });
    }
  }

  private input(name: string, type: "f32" | "i32", width: number, rows: number): Pointer {
    const { api } = this.door;
    const code = type === "f32" ? enums.ggml_type.GGML_TYPE_F32 : enums.ggml_type.GGML_TYPE_I32;
    const tensor = api.ggml_new_tensor_2d(this.context, code, width, rows);
    api.ggml_set_input(tensor);
    this.inputs.set(name, tensor);
    return tensor;
  }

  private output(name: string, tensor: Pointer): void {
    const { api } = this.door;
    api.ggml_set_output(tensor);
    api.ggml_build_forward_expand(this.graph, tensor);
    this.outputs.set(name, tensor);
  }

  /** Fills an input from a typed array, or from native memory of `bytes`. */
  set(name: string, from: Memory, bytes: number): void {
    this.door.api.ggml_backend_tensor_set(this.tensor(this.inputs, name), from, 0, bytes);
  }

  compute(): void {
    const code = this.door.api.ggml_backend_sched_graph_compute(this.scheduler, this.graph);
    if (code !== 0) fail("nativeFailure", `ggml could not run a graph (${code}).`);
  }

  /** Runs it on another thread. */
  async computeAside(): Promise<void> {
    const { api } = this.door;
    const code = await new Promise<number>((resolve, reject) => {
      api.ggml_backend_sched_graph_compute.async(this.scheduler, this.graph, (error, result) =>
        error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(result),
      );
    });
    if (code !== 0) fail("nativeFailure", `ggml could not run a graph (${code}).`);
  }

  floats(name: string, into: Float32Array): Float32Array {
    this.door.api.ggml_backend_tensor_get(this.tensor(this.outputs, name), into, 0, into.byteLength);
    return into;
  }

  ints(name: string, into: Int32Array): Int32Array {
    this.door.api.ggml_backend_tensor_get(this.tensor(this.outputs, name), into, 0, into.byteLength);
    return into;
  }

  private tensor(map: Map<string, Pointer>, name: string): Pointer {
    const found = map.get(name);
    if (found === undefined) throw new Error(`the graph has no ${name}`);
    return found;
  }

  close(): void {
    if (this.scheduler) this.door.api.ggml_backend_sched_free(this.scheduler);
    this.door.api.ggml_free(this.context);
  }
}
