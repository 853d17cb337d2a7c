import { localSandbox } from "../../src/sandbox/local";
import { SandboxRunner } from "../../src/agent/tools/forge/sandboxRunner";

/** Milliseconds from the call of a forged tool until its code could begin, in a warm sandbox; and of the whole call. */
export async function startTimes(
  runs: number,
): Promise<{ start: { p50: number; p95: number }; call: { p50: number; p95: number }; cpuACall: number }> {
  const sandbox = new SandboxRunner(localSandbox());
  const source = "export function run({ n }: { n: number }): number {\n  return n * 2;\n}";
  const job = { source, argument: { n: 1 }, functions: [], signal: new AbortController().signal };
  for (let i = 0; i < 10; i++) await sandbox.run(job);
  const [start, call]: [number[], number[]] = [[], []];
  const used = process.cpuUsage();
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    const { startMs } = await sandbox.run(job);
    call.push(performance.now() - begun);
    start.push(startMs);
    // The next world is made between calls, as it is between the steps of an agent.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { user, system } = process.cpuUsage(used);
  return {
    start: percentiles(start),
    call: percentiles(call),
    cpuACall: Math.round((user + system) / runs / 10) / 100,
  };
}

function percentiles(times: number[]): { p50: number; p95: number } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95) };
}
