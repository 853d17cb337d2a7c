/** What the sandbox uses of the WebAssembly JavaScript interface (W3C), which the ES libraries of the compiler leave out. */
declare namespace WebAssembly {
  class Module {
    private constructor();
    static exports(module: Module): { name: string; kind: string }[];
  }
  class RuntimeError extends Error {}
  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>;
  let instantiate: (source: ArrayBufferView | ArrayBuffer | Module, imports?: object) => Promise<unknown>;
}
