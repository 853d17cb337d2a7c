import os from "node:os";

/** Models below these sizes gain nothing from more threads: llama.cpp's barriers cost more than the work they share. */
const oneThread = 30e6;
const twoThreads = 150e6;

/** Threads for a model: one for the smallest, never more than the cores that are really free. */
export function chooseThreads(parameters: number, freeCores: number): number {
  const wanted = parameters < oneThread ? 1 : parameters < twoThreads ? 2 : Number.MAX_SAFE_INTEGER;
  return Math.max(1, Math.min(wanted, Math.round(freeCores)));
}

interface Sample {
  at: number;
  busy: number;
  own: number;
}

/** Cores of the machine that other programs leave free, measured from one look to the next. */
export class CoreWatch {
  private last: Sample | undefined;
  private freeCores = usableCores();

  /** Free cores since the last look; a look that comes too soon gives the answer before. */
  look(): number {
    const now = sample();
    if (!this.last) {
      this.last = now;
      return this.freeCores;
    }
    const seconds = (now.at - this.last.at) / 1000;
    if (seconds < 1) return this.freeCores;
    const others = Math.max(0, now.busy - this.last.busy - (now.own - this.last.own)) / seconds;
    this.last = now;
    this.freeCores = Math.max(1, usableCores() - others);
    return this.freeCores;
  }
}

/** Cores a computation can use: of two threads of a core, one. */
function usableCores(): number {
  const logical = os.availableParallelism();
  const paired = process.arch === "x64" && logical > 4;
  return paired ? Math.ceil(logical / 2) : logical;
}

/** Core-seconds that were busy since the machine started, all of them and our own. */
function sample(): Sample {
  const busy = os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), busy, own: (user + system) / 1e6 };
}
