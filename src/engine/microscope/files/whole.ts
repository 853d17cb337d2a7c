import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fail } from "../../../contract/errors";

/** Writes a file in pieces beside its place and moves it there, so that no reader ever sees half of it. */
export async function writeWhole(file: string, parts: Iterable<Uint8Array | string>): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(draft, "w");
    try {
      for (const part of parts) {
        const bytes = typeof part === "string" ? Buffer.from(part, "utf8") : part;
        if (bytes.length > 0) await handle.writeFile(bytes);
      }
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    fail("fileMissing", `'${file}' cannot be written`, {
      remedy: "choose a folder that can be written to, with space left",
      cause: error,
    });
  }
}
