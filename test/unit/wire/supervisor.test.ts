import { spawn } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Supervisor, type ProcessState, type SupervisorOptions } from "../../../src/wire/supervisor";
import { bundleChild } from "../../fixtures/wire/bundle";
import type { FixtureMethods } from "../../fixtures/wire/methods";

let bundle: Awaited<ReturnType<typeof bundleChild>>;
const open: Supervisor<FixtureMethods>[] = [];

beforeAll(async () => {
  bundle = await bundleChild();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.dispose()));
});
afterAll(() => bundle.remove());

function supervise(options: Partial<SupervisorOptions> = {}): Supervisor<FixtureMethods> {
  const supervisor = new Supervisor<FixtureMethods>({ name: "The fixture", file: bundle.file, grace: 500, ...options });
  open.push(supervisor);
  return supervisor;
}

describe("a supervised process", () => {
  it("starts at the first call and carries typed arrays", async () => {
    const states: string[] = [];
    const supervisor = supervise({ onState: ({ kind }) => states.push(kind) });
    expect(supervisor.state).toEqual({ kind: "off" });
    const { value, kind } = await supervisor.call("echo", { value: Float32Array.from([1, 2.5]).subarray(1) });
    expect(kind).toBe("[object Float32Array]");
    expect(value).toEqual(Float32Array.from([2.5]));
    expect(states).toEqual(["starting", "running"]);
  });

  it("reports progress in order before the result", async () => {
    const seen: number[] = [];
    expect(await supervise().call("count", { to: 5 }, { onProgress: (value) => seen.push(value) })).toBe(5);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it("cancels a call and serves the next", async () => {
    const supervisor = supervise();
    const abort = new AbortController();
    const waiting = supervisor.call("wait", {}, { signal: abort.signal });
    await supervisor.call("pid", {});
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    await expect(supervisor.call("wait", {}, { signal: abort.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(await supervisor.call("count", { to: 1 })).toBe(1);
  });

  it("carries typed errors whole, and a foreign one as internal", async () => {
    const supervisor = supervise();
    await expect(supervisor.call("refuse", {})).rejects.toMatchObject({
      data: { code: "tooLarge", message: "It needs 9 GB.", remedy: "Close something.", details: { needed: 9e9 } },
    });
    await expect(supervisor.call("throwForeign", {})).rejects.toMatchObject({
      code: "internal",
      message: "x is not a function",
    });
  });

  it("forwards its log with the level", async () => {
    const lines: string[] = [];
    const supervisor = supervise({ onLog: (level, message) => lines.push(`${level} ${message}`) });
    await supervisor.call("says", { message: "low on memory" });
    expect(lines).toContain("warn low on memory");
  });
});

describe("a crash", () => {
  it.each(["exit", "kill", "abort"] as const)(
    "by %s fails the calls under way and is mended at the next",
    async (how) => {
      const supervisor = supervise();
      const first = await supervisor.call("pid", {});
      const waiting = supervisor.call("wait", {});
      await expect(supervisor.call("crash", { how })).rejects.toMatchObject({ code: "engineDied" });
      await expect(waiting).rejects.toMatchObject({ code: "engineDied" });
      expect(supervisor.state.kind).toBe("lost");
      expect(await supervisor.call("pid", {})).not.toBe(first);
    },
  );

  it("tells the last words", async () => {
    await expect(supervise().call("crash", { how: "exit" })).rejects.toMatchObject({
      data: { details: { exit: 3, lastWords: expect.stringContaining("GGML_ASSERT failed") } },
    });
  });

  it("is forgiven four times within the window; the fifth gives up until it is stopped by hand", async () => {
    const states: ProcessState[] = [];
    const supervisor = supervise({ onState: (state) => states.push(state) });
    for (let crash = 1; crash <= 5; crash++) {
      await expect(supervisor.call("crash", { how: "exit" })).rejects.toMatchObject({ code: "engineDied" });
      expect(supervisor.state.kind).toBe(crash < 5 ? "lost" : "givenUp");
    }
    await expect(supervisor.call("pid", {})).rejects.toMatchObject({
      message: expect.stringContaining("5 times within 3 minutes"),
    });
    await supervisor.stop();
    expect(await supervisor.call("pid", {})).toBeGreaterThan(0);
  });

  it("long ago no longer counts", async () => {
    let time = 0;
    const supervisor = supervise({ now: () => time });
    for (let crash = 1; crash <= 6; crash++) {
      await expect(supervisor.call("crash", { how: "exit" })).rejects.toMatchObject({ code: "engineDied" });
      time += 60_000;
    }
    expect(supervisor.state.kind).toBe("lost");
  });
});

describe("a process that does not behave", () => {
  it("at its start is told with its reason", async () => {
    const supervisor = supervise({ env: { VITRINE_FIXTURE: "deadOnArrival" } });
    await expect(supervisor.call("pid", {})).rejects.toMatchObject({
      data: { code: "engineDied", details: { exit: 7, lastWords: expect.stringContaining("no library here") } },
    });
  });

  it("by a missing file is told too", async () => {
    await expect(supervise({ file: "/nowhere/engine.mjs" }).call("pid", {})).rejects.toMatchObject({
      code: "engineDied",
    });
  });

  it("by hanging is ended by the heartbeat", async () => {
    const supervisor = supervise({ heartbeat: { every: 100, patience: 3000 } });
    await supervisor.call("pid", {});
    await expect(supervisor.call("hang", {})).rejects.toMatchObject({
      data: { code: "engineDied", details: { hung: true } },
    });
    expect(await supervisor.call("pid", {})).toBeGreaterThan(0);
  });

  it("by not ending is killed after its grace", async () => {
    const supervisor = supervise({ env: { VITRINE_FIXTURE: "slowExit" }, grace: 100 });
    const pid = await supervisor.call("pid", {});
    await supervisor.stop();
    expect(() => process.kill(pid, 0)).toThrow();
  });
});

describe("the parent's death", () => {
  it("ends the child", async () => {
    const parent = spawn(
      process.execPath,
      [
        "-e",
        `const {fork} = require("child_process");
         const child = fork(${JSON.stringify(bundle.file)}, [], {serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"]});
         child.once("message", () => console.log(child.pid));`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (data: Buffer) => resolve(Number(data))),
    );
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill("SIGKILL");
    await expect
      .poll(
        () => {
          try {
            return process.kill(pid, 0);
          } catch {
            return false;
          }
        },
        { timeout: 10_000 },
      )
      .toBe(false);
  });
});
