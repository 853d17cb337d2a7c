/** One line of progress on stderr with an estimate of what is left; rewritten in place in a terminal. */
export function progressReporter(stream: NodeJS.WriteStream, now: () => number = Date.now) {
  let started: number | undefined;
  let shown = 0;
  let open = false;
  return {
    report(done: number, total: number, message = ""): void {
      const time = now();
      started ??= time;
      const finished = total > 0 && done >= total;
      if (time - shown < (stream.isTTY ? 100 : 2000) && !finished) return;
      shown = time;
      const line = `${message ? `${message}: ` : ""}${percent(done, total)}${estimate(done, total, time - started)}`;
      if (stream.isTTY) {
        stream.write(`\r\u001b[K${line}`);
        open = true;
      } else {
        stream.write(`${line}\n`);
      }
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
