import base from "@jitl/quickjs-singlefile-mjs-release-sync";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule } from "quickjs-emscripten-core";

/**
 * QuickJS compiled to WebAssembly, one instance of it for each run: no run sees memory that another one touched. The code
 * is compiled once; an instance takes a millisecond or two, and the next one is kept ready.
 */
export class Worlds {
  private compiled: Promise<WebAssembly.Module> | undefined;
  private spare: Promise<QuickJSWASMModule> | undefined;

  /** Makes the next world ready. */
  warm(): void {
    this.spare ??= this.make();
    // A failure is met by whoever takes it.
    this.spare.catch(() => undefined);
  }

  async take(): Promise<QuickJSWASMModule> {
    this.warm();
    const taken = this.spare;
    this.spare = undefined;
    return taken ?? this.make();
  }

  private async make(): Promise<QuickJSWASMModule> {
    this.compiled ??= compile();
    const wasmModule = await this.compiled;
    return newQuickJSWASMModuleFromVariant(newVariant(base, { wasmModule }));
  }
}

/**
 * The variant carries its binary inside (so that nothing has to be found on disk) and gives it to `instantiate` alone.
 * There it is compiled apart, once, and kept.
 */
async function compile(): Promise<WebAssembly.Module> {
  const original = WebAssembly.instantiate;
  let module: WebAssembly.Module | undefined;
  const catching: typeof original = async (source, imports) => {
    if (source instanceof WebAssembly.Module) return original(source, imports);
    const compiled = await WebAssembly.compile(source);
    // Another part of the process may instantiate something at this moment; the library's has dozens of exports.
    if (WebAssembly.Module.exports(compiled).length > 20) module ??= compiled;
    return { module: compiled, instance: await original(compiled, imports) };
  };
  WebAssembly.instantiate = catching;
  try {
    await newQuickJSWASMModuleFromVariant(base);
  } finally {
    WebAssembly.instantiate = original;
  }
  if (!module) throw new Error("The sandbox's library no longer brings its own code.");
  return module;
}
