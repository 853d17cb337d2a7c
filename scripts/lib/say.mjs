// What the scripts say to a person: whole sentences on stderr, so that stdout stays for results.

/** Says one sentence. */
export function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** An error whose message is all that a person needs; its stack is not shown. */
export class Plain extends Error {}

/** Runs a script's main function and ends the process with its exit status. */
export function main(run) {
  run().then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (error) => {
      const wrongCall = String(error?.code).startsWith("ERR_PARSE_ARGS");
      say(error instanceof Plain || wrongCall ? `\n${error.message}` : `\n${error?.stack ?? error}`);
      process.exitCode = wrongCall ? 2 : 1;
    },
  );
}

/** "1 min 5 s" or "3.2 s", for a duration in milliseconds. */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** "12.3 MB" (decimal megabytes), for a number of bytes. */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
