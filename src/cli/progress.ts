/** Progress shows only on work that takes longer than this, and then no more often. Milliseconds. */
const terminalPace = { quiet: 150, every: 100 };
const logPace = { quiet: 2000, every: 2000 };

/** One line of progress on stderr with an estimate of what is left; rewritten in place in a terminal. */
export function progressReporter(stream: NodeJS.WriteStream, now: () => number = Date.now) {
  const pace = stream.isTTY ? terminalPace : logPace;
  let started: number | undefined;
  let shown = 0;
  let open = false;
  return {
    report(done: number, total: number, message = ""): void {
      const time = now();
      started ??= time;
      if (time - started < pace.quiet || time - shown < pace.every) return;
      shown = time;
      const line = `${message ? `${message}: ` : ""}${percent(done, total)}${estimate(done, total, time - started)}`;
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
      open = stream.isTTY;
    },
    /** Leaves the line, so that what follows begins on a fresh one. */
    end(): void {
      if (open) stream.write("\r\u001b[K");
      open = false;
      started = undefined;
    },
  };
}

function percent(done: number, total: number): string {
  return total > 0 ? `${Math.min(100, Math.floor((100 * done) / total))} %` : String(done);
}

/** Time left if the rest goes as the part so far did. */
export function estimate(done: number, total: number, elapsedMs: number): string {
  if (done <= 0 || total <= done || elapsedMs < 1000) return "";
  const seconds = Math.round((elapsedMs * (total - done)) / done / 1000);
  return seconds < 90 ? `, ${seconds} s left` : `, ${Math.round(seconds / 60)} min left`;
}
