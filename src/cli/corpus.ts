import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { fail } from "../contract/errors";

const largestFile = 4_000_000;

/** The texts of a file, or of every text file below a folder; hidden folders and node_modules are passed over. */
export async function readTexts(place: string): Promise<{ source: string; text: string }[]> {
  const root = path.resolve(place);
  const found = await stat(root).catch((error: unknown) =>
    fail("fileMissing", `'${place}' cannot be read`, { remedy: "give a text file or a folder", cause: error }),
  );
  const files = found.isDirectory() ? await filesBelow(root) : [root];
  const texts = [];
  for (const file of files) {
    const bytes = await readFile(file);
    if (bytes.length > 0 && bytes.length <= largestFile && !bytes.includes(0)) {
      texts.push({ source: path.relative(process.cwd(), file), text: bytes.toString("utf8") });
    }
  }
  if (texts.length === 0)
    fail("badArgument", `'${place}' holds no text`, { remedy: "give a text file or a folder of them" });
  return texts;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = await Promise.all(
    entries.map((entry) => {
      if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
      const full = path.join(folder, entry.name);
      // Links are not followed: they could leave the folder, or lead back into it.
      if (entry.isDirectory()) return filesBelow(full);
      return entry.isFile() ? [full] : [];
    }),
  );
  return lists.flat().sort();
}
