import { beforeEach, expect, test, vi } from "vitest";
import type { EngineMethods } from "../../../../src/contract/engine";
import { fail, VitrineError } from "../../../../src/contract/errors";
import type { CallOptions, ParamsOf, ProgressOf, ResultOf } from "../../../../src/contract/method";
import type { LoadParams } from "../../../../src/contract/model";
import type { EngineLink, LinkListener } from "../../../../src/host/engine/link";
import { EngineService } from "../../../../src/host/engine/service";
import { modelInfo } from "../fakeEngine";
import { silentLog } from "../silentLog";

/** A process that a test makes start, die and answer. */
class FakeLink implements EngineLink {
  readonly calls: [method: string, params: unknown][] = [];
  loads: (params: LoadParams, signal: AbortSignal | undefined, progress: (fraction: number) => void) => Promise<void> =
    () => Promise.resolve();
  stopped = 0;
  disposed = false;
  private running = false;

  constructor(readonly listener: LinkListener) {}

  async call<K extends keyof EngineMethods & string>(
    method: K,
    params: ParamsOf<EngineMethods, K>,
    options: CallOptions<ProgressOf<EngineMethods, K>> = {},
  ): Promise<ResultOf<EngineMethods, K>> {
    this.calls.push([method, params]);
    if (!this.running) {
      this.listener.state({ kind: "starting" });
      this.running = true;
      this.listener.state({ kind: "running" });
    }
    let result: unknown = { tokens: [] };
    if (method === "load") {
      const asked = params as LoadParams;
      const progress = options.onProgress as ((value: { fraction: number }) => void) | undefined;
      await this.loads(asked, options.signal, (fraction) => progress?.({ fraction }));
      result = modelInfo({ file: asked.file, fingerprint: asked.file });
    }
    if (method === "info") fail("noModel", "No model is loaded.");
    return result as ResultOf<EngineMethods, K>;
  }

  die(givenUp = false): void {
    this.running = false;
    const error = { code: "engineDied" as const, message: givenUp ? "It ended too often." : "It ended." };
    this.listener.state({ kind: givenUp ? "givenUp" : "lost", error });
  }

  stop(): Promise<void> {
    this.stopped += 1;
    this.running = false;
    this.listener.state({ kind: "off" });
    return Promise.resolve();
  }

  dispose(): void {
    this.disposed = true;
  }

  loaded(): string[] {
    return this.calls.filter(([method]) => method === "load").map(([, params]) => (params as LoadParams).file);
  }
}

let link: FakeLink;
let engine: EngineService;
let log: ReturnType<typeof silentLog>;

beforeEach(() => {
  log = silentLog();
  engine = new EngineService({
    open: (listener) => (link = new FakeLink(listener)),
    defaultFile: () => Promise.resolve("/default.gguf"),
    loadParams: (file) => Promise.resolve({ file, gpu: "off" }),
    log,
  });
});

/** A load that waits until it is let through or cancelled. */
function held(): { open: () => void } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  link.loads = (_, signal) =>
    Promise.race([
      gate,
      new Promise<never>((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(new VitrineError({ code: "cancelled", message: "Cancelled." }))),
      ),
    ]);
  return { open: () => open() };
}

test("nothing is started until something is asked, and a model is loaded when one is needed", async () => {
  expect(engine.state).toEqual({ kind: "off" });
  expect(link.calls).toEqual([]);
  await engine.call("catalogue", { folder: "/f" });
  expect(link.loaded()).toEqual([]);
  await engine.call("tokenize", { text: "a" });
  expect(link.loaded()).toEqual(["/default.gguf"]);
  expect(engine.state).toEqual({ kind: "ready" });
  expect(engine.model?.file).toBe("/default.gguf");
});

test("calls that come while a model is being loaded share that load", async () => {
  const gate = held();
  const calls = [engine.call("tokenize", { text: "a" }), engine.call("tokenize", { text: "b" }), engine.ensureModel()];
  await vi.waitFor(() => expect(engine.state.kind).toBe("loading"));
  gate.open();
  await Promise.all(calls);
  expect(link.loaded()).toEqual(["/default.gguf"]);
});

test("progress of a load is in the state", async () => {
  const seen: unknown[] = [];
  engine.onDidChange(() => seen.push(engine.state));
  link.loads = (_, __, progress) => Promise.resolve(progress(0.5));
  await engine.load("/big.gguf");
  expect(seen).toContainEqual({ kind: "loading", fraction: 0.5, file: "/big.gguf" });
  expect(engine.state).toEqual({ kind: "ready" });
});

test("a second load takes the place of the first, which is told that it was cancelled", async () => {
  const gate = held();
  const first = engine.load("/one.gguf");
  const outcome = expect(first).rejects.toMatchObject({ code: "cancelled" });
  await vi.waitFor(() => expect(link.loaded()).toEqual(["/one.gguf"]));
  const second = engine.load("/two.gguf");
  await outcome;
  gate.open();
  await second;
  expect(engine.model?.file).toBe("/two.gguf");
  expect(link.loaded()).toEqual(["/one.gguf", "/two.gguf"]);
});

test("a load that another follows at once is never begun", async () => {
  const first = expect(engine.load("/one.gguf")).rejects.toMatchObject({ code: "cancelled" });
  await engine.load("/two.gguf");
  await first;
  expect(link.loaded()).toEqual(["/two.gguf"]);
});

test("a cancelled load is no failure; one that fails is shown with its reason", async () => {
  held();
  const loading = engine.load("/one.gguf");
  const cancelled = expect(loading).rejects.toMatchObject({ code: "cancelled" });
  engine.cancelLoad();
  await cancelled;
  expect(engine.state.kind).toBe("off");
  link.loads = () => Promise.resolve().then(() => fail("tooLarge", "It needs 9 GB."));
  await expect(engine.load("/one.gguf")).rejects.toMatchObject({ code: "tooLarge" });
  expect(engine.state).toEqual({ kind: "failed", error: { code: "tooLarge", message: "It needs 9 GB." } });
});

test("a caller who no longer waits leaves the load to the others", async () => {
  const gate = held();
  const abort = new AbortController();
  const impatient = expect(engine.ensureModel(abort.signal)).rejects.toMatchObject({ code: "cancelled" });
  const patient = engine.ensureModel();
  await vi.waitFor(() => expect(engine.state.kind).toBe("loading"));
  abort.abort();
  await impatient;
  gate.open();
  expect((await patient).file).toBe("/default.gguf");
});

test("after a crash the model that was loaded is loaded again", async () => {
  await engine.load("/mine.gguf");
  link.die();
  expect(engine.model).toBeNull();
  await vi.waitFor(() => expect(engine.model?.file).toBe("/mine.gguf"));
  expect(link.loaded()).toEqual(["/mine.gguf", "/mine.gguf"]);
});

test("a model that kills the engine while it loads is not loaded over and over", async () => {
  link.loads = () => {
    link.die();
    return Promise.resolve().then(() => fail("engineDied", "It ended."));
  };
  await expect(engine.load("/bad.gguf")).rejects.toMatchObject({ code: "engineDied" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(link.loaded()).toEqual(["/bad.gguf"]);
  expect(engine.state.kind).toBe("failed");
});

test("an engine that was given up says so until a person restarts it", async () => {
  await engine.load("/mine.gguf");
  link.die(true);
  expect(engine.state).toEqual({ kind: "failed", error: { code: "engineDied", message: "It ended too often." } });
  await expect(engine.call("tokenize", { text: "a" })).rejects.toMatchObject({ code: "engineDied" });
  await engine.restart();
  expect(link.stopped).toBe(1);
  expect(engine.model?.file).toBe("/mine.gguf");
});

test("long work shows as busy, short work does not", async () => {
  await engine.load("/mine.gguf");
  const seen: string[] = [];
  engine.onDidChange(() => seen.push(engine.state.kind));
  await engine.call("tokenize", { text: "a" });
  expect(seen).toEqual([]);
  await engine.call("surprisal", { text: "a" });
  expect(seen).toEqual(["busy", "ready"]);
});

test("unloading forgets the model; the next need loads the default", async () => {
  await engine.load("/mine.gguf");
  await engine.unload();
  expect(engine.model).toBeNull();
  await engine.call("tokenize", { text: "a" });
  expect(engine.model?.file).toBe("/default.gguf");
});

test("the engine's log is forwarded with its level and without control sequences", () => {
  link.listener.log("warn", "\u001b[31mred\u001b[0m \u0007bell");
  expect(log.lines).toContain("[engine] red  bell");
});

test("disposing ends the process and is quiet afterwards", async () => {
  await engine.load("/mine.gguf");
  engine.dispose();
  expect(link.disposed).toBe(true);
  link.die();
  expect(link.loaded()).toEqual(["/mine.gguf"]);
});
