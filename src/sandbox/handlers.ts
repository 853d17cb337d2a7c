import { fail } from "../contract/errors";
import type { Json } from "../contract/json";
import type { Handlers } from "../contract/method";
import type { SandboxLimits, SandboxMethods } from "../contract/sandbox";
import { mutated } from "./mutate";
import { World } from "./run";
import { stripTypes } from "./strip";
import { Worlds } from "./worlds";

const mostAtOnce = 16;

/** The serving side of the sandbox. Wherever it is called from, code reaches nothing but what a run hands it. */
export function sandboxHandlers(): Handlers<SandboxMethods> {
  const worlds = new Worlds();
  const running = new Map<string, World>();
  const started = performance.now();
  let runs = 0;
  worlds.warm();

  return {
    run: async (params, { signal, progress }) => {
      const begun = performance.now();
      const { run, source, entry, argument, functions } = params;
      if (running.has(run)) fail("badArgument", "A run of this name is under way.");
      if (running.size >= mostAtOnce) fail("tooLarge", `More than ${mostAtOnce} runs at once.`);
      runs++;
      const code = stripTypes(source);
      const world = new World(await worlds.take(), {
        run,
        code,
        functions: [...functions],
        limits: checked(params.limits),
        deterministic: params.deterministic ?? false,
        signal,
        onHostCall: progress,
      });
      running.set(run, world);
      const startMs = performance.now() - begun;
      try {
        const value = await world.call(entry, argument);
        const { logs, usedMs } = world;
        return { value: params.mutate ? mutated(value) : value, logs, startMs, runMs: usedMs };
      } finally {
        world.end();
        running.delete(run);
        worlds.warm();
      }
    },

    answer: ({ run, call, value, error }) => {
      running.get(run)?.answer(call, value, error);
      return Promise.resolve(null);
    },

    describe: async ({ source, limits }, { signal }) => {
      const code = stripTypes(source);
      const options = {
        run: "",
        code,
        functions: [],
        limits: checked(limits),
        deterministic: true,
        signal,
        onHostCall: () => undefined,
      };
      const world = new World(await worlds.take(), options);
      try {
        const { values, functions } = await world.describe();
        return { exports: ownValues(values), functions, strippedBytes: Buffer.byteLength(code) };
      } finally {
        world.end();
        worlds.warm();
      }
    },

    ping: () => Promise.resolve({ uptimeMs: performance.now() - started, runs }),
  };
}

/** Limits are the caller's, within what one process can bear. */
function checked(limits: SandboxLimits): SandboxLimits {
  const within = (value: number, low: number, high: number): number => {
    if (!Number.isFinite(value)) fail("badArgument", "A limit of the sandbox is no number.");
    return Math.min(high, Math.max(low, Math.floor(value)));
  };
  return {
    timeMs: within(limits.timeMs, 1, 60_000),
    memory: within(limits.memory, 1 << 20, 512 << 20),
    stack: within(limits.stack, 16 << 10, 1 << 20),
    output: within(limits.output, 1, 16 << 20),
    calls: within(limits.calls, 0, 10_000),
    wallMs: within(limits.wallMs, 1, 600_000),
  };
}

function ownValues(values: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => !["__proto__", "constructor", "prototype"].includes(name)),
  );
}
