import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { ChatMessage, ToolSpec } from "../../contract/chat";
import { fail } from "../../contract/errors";
import type { Json } from "../../contract/json";
import type { TraceEntry, TraceHead, TraceRow, TraceRun } from "../../contract/traceView";
import { emptyHead, entryOf, headAfter, heldBy, readLine, rowOf, summaryOf } from "../run/trace";

/** Bytes of a file's ends that a summary reads at most: a goal may come with long attachments. */
const endBytes = 1 << 20;

/** Largest run that is read, bytes. */
const largest = 1 << 30;

const runName = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,80}$/;

/** The file of a run in a folder of runs. Fails with `badArgument` for what is no name of a run. */
export function runFile(folder: string, run: string): string {
  if (!runName.test(run)) fail("badArgument", `${JSON.stringify(run.slice(0, 80))} is no name of a run.`);
  return path.join(folder, `${run}.jsonl`);
}

/** The runs of a folder, the latest first; only the ends of each file are read. */
export async function listRuns(folder: string, limit = 200): Promise<TraceRun[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith(".jsonl") && runName.test(name.slice(0, -6)))
      .map(async (name) => ({ run: name.slice(0, -6), at: (await stat(path.join(folder, name))).mtime.toISOString() })),
  );
  found.sort((a, b) => (a.at < b.at ? 1 : -1));
  return Promise.all(
    found.slice(0, limit).map(async ({ run, at }) => {
      const [first, last] = await ends(path.join(folder, `${run}.jsonl`));
      return summaryOf(run, at, first, last);
    }),
  );
}

async function ends(file: string): Promise<[string, string]> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const piece = async (from: number, bytes: number): Promise<string> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, from);
      return buffer.toString("utf8", 0, bytesRead);
    };
    let first = await piece(0, Math.min(size, 4_096));
    if (!first.includes("\n")) first = await piece(0, Math.min(size, endBytes));
    const tail = Math.min(size, 65_536);
    const last = (await piece(size - tail, tail)).trimEnd().split("\n").at(-1) ?? "";
    return [first.split("\n", 1)[0] ?? "", last];
  } finally {
    await handle.close();
  }
}

/**
 * A run's file, followed while it grows: each `update` reads what was added. Rows are kept, the events themselves stay on
 * disk and are read again by their place when one is opened, so that a long run costs little memory.
 */
export class TraceFile {
  head: TraceHead;
  readonly rows: TraceRow[] = [];
  /** Numbers of lines that could not be read, from 1. */
  readonly damaged: number[] = [];
  private readonly places: { from: number; bytes: number }[] = [];
  private readonly messages = new Map<string, ChatMessage>();
  private readonly tools = new Map<string, ToolSpec>();
  private read = 0;

  constructor(
    readonly run: string,
    private readonly file: string,
  ) {
    this.head = emptyHead(run);
  }

  /** Whether there was anything new. A last line that is not ended yet waits for the next time. */
  async update(): Promise<boolean> {
    const handle = await open(this.file, "r").catch((cause: unknown) =>
      fail("fileMissing", `There is no run ${this.run}.`, { cause }),
    );
    try {
      const { size } = await handle.stat();
      if (size > largest) fail("badArgument", "The run's file is larger than 1 GB.");
      if (size <= this.read) return false;
      const buffer = Buffer.alloc(size - this.read);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.read);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      let from = 0;
      while (from < end) {
        const to = buffer.indexOf(10, from);
        this.take(buffer.toString("utf8", from, to), this.read + from, to - from);
        from = to + 1;
      }
      this.read += end;
      return end > 0;
    } finally {
      await handle.close();
    }
  }

  /** The whole of a line. Fails with `badArgument` where there is none. */
  async entry(line: number): Promise<TraceEntry> {
    const event = await this.line(line);
    return entryOf(event, line, { messages: this.messages, tools: this.tools });
  }

  /** The line of the last reply, of a step or of the whole run; the answer's text is that reply's. */
  lastReply(step?: number): number | undefined {
    return this.rows.findLast((row) => row.type === "think" && (step === undefined || row.step === step))?.line;
  }

  private take(text: string, from: number, bytes: number): void {
    const number = this.places.push({ from, bytes }) - 1;
    if (text.trim() === "") return;
    const line = readLine(text);
    if (line === undefined) {
      this.damaged.push(number + 1);
      return;
    }
    const held = heldBy(line);
    if (held?.type === "message") this.messages.set(held.hash, held.message);
    else if (held?.type === "tool") this.tools.set(held.hash, held.spec);
    this.head = headAfter(this.head, line);
    const row = rowOf(line, number);
    if (row) this.rows.push(row);
  }

  private async line(number: number): Promise<{ [key: string]: Json }> {
    const place = this.places[number] ?? fail("badArgument", `The run has no line ${number + 1}.`);
    const handle = await open(this.file, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(place.bytes), 0, place.bytes, place.from);
      return (
        readLine(buffer.toString("utf8", 0, bytesRead)) ??
        fail("damagedFile", `Line ${number + 1} of the run cannot be read.`)
      );
    } finally {
      await handle.close();
    }
  }
}
