import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fail } from "../../../contract/errors";
import { contextWidth, emptyHeaps, type ExampleHeaps } from "../exampleHeaps";

/** How far a search for strongest contexts has come, and what it has found. */
export interface ExampleState {
  fingerprint: string;
  layer: number;
  /** SHA-256 of the texts and settings: a state goes on only with the same. */
  corpus: string;
  sequencesDone: number;
  tokensSeen: number;
  sources: string[];
  heaps: ExampleHeaps;
}

const magic = "vitrine.neuronExamples.1\n";
const arrays = ["used", "activation", "source", "at", "length", "ids", "values"] as const;

/** The file: the magic line, a line of JSON, then the flat arrays, little endian, one after the other. */
export function saveExampleState(file: string, state: ExampleState): void {
  const { heaps, ...rest } = state;
  const header = JSON.stringify({ ...rest, neurons: heaps.neurons, kept: heaps.kept });
  const parts = arrays.map((name) => {
    const list = heaps[name];
    return Buffer.from(list.buffer, list.byteOffset, list.byteLength);
  });
  const part = `${file}.part`;
  writeFileSync(part, Buffer.concat([Buffer.from(`${magic}${header}\n`), ...parts]));
  renameSync(part, file);
}

/** The state of a file, or undefined where there is none yet. Throws `damagedFile`. */
export function loadExampleState(file: string): ExampleState | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    fail("fileMissing", `'${file}' cannot be read.`, { cause });
  }
  const end = bytes.indexOf(0x0a, magic.length);
  if (end < 0 || bytes.toString("latin1", 0, magic.length) !== magic) damaged(file);
  const header = parseHeader(file, bytes.toString("utf8", magic.length, end));
  const { neurons, kept, ...rest } = header;
  // Every list holds four-byte numbers; their sizes follow from these two, so nothing is allocated before they fit.
  const entry = 4 + 2 * contextWidth;
  if (bytes.length - end - 1 !== 4 * (neurons + neurons * kept * entry)) damaged(file);
  const heaps = emptyHeaps(neurons, kept);
  let at = end + 1;
  for (const name of arrays) {
    const list = heaps[name];
    new Uint8Array(list.buffer).set(bytes.subarray(at, at + list.byteLength));
    at += list.byteLength;
  }
  return { ...rest, heaps };
}

type Header = Omit<ExampleState, "heaps"> & { neurons: number; kept: number };

function parseHeader(file: string, text: string): Header {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    damaged(file);
  }
  const header = value as Header;
  const numbers = [header.layer, header.sequencesDone, header.tokensSeen, header.neurons, header.kept];
  const strings = [header.fingerprint, header.corpus];
  if (
    typeof value !== "object" ||
    value === null ||
    !numbers.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    !strings.every((s) => typeof s === "string") ||
    !Array.isArray(header.sources)
  )
    damaged(file);
  return header;
}

function damaged(file: string): never {
  fail("damagedFile", `'${file}' is no state of a search for examples, or a damaged one.`, {
    remedy: "Delete it to begin anew.",
  });
}
