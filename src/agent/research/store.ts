import type { FilesPort } from "../../contract/tool";
import type { JournalPort } from "../../contract/agent";
import { sha256 } from "../tools/hash";
import { resolvePath } from "../tools/paths";

/** Where researches are kept: journals, texts as they were read, reports. */
export interface ResearchStore {
  journal: JournalPort;
  /** Keeps a text for its citations; gives its path relative to the workspace's first folder. */
  keep(id: string, number: number, text: string): Promise<string>;
  /** A text that was kept, or a workspace file, whole. */
  text(file: string): Promise<string>;
  /** Writes the report under a name that no file has; gives its relative path. */
  report(title: string, text: string): Promise<string>;
}

const largest = 8_000_000;

/** Journals and kept texts under `.vitrine/research/`, reports in `research/` of the workspace's first folder. */
export function fileResearchStore(files: FilesPort, journal: JournalPort): ResearchStore {
  // A link in the place of a folder would lead what is written elsewhere: it is followed and judged first.
  const at = async (file: string): Promise<string> => (await resolvePath(files, file)).path;
  return {
    journal,
    keep: async (id, number, text) => {
      const file = `.vitrine/research/${id}/${number}.txt`;
      await files.write(await at(file), new TextEncoder().encode(text));
      return file;
    },
    text: async (file) => new TextDecoder().decode(await files.read(await at(file), largest)),
    report: async (title, text) => {
      const name = slug(title);
      for (let n = 1; ; n++) {
        const file = `research/${name}${n === 1 ? "" : `-${n}`}.md`;
        const place = await at(file);
        if ((await files.stat(place)).kind !== "missing") continue;
        await files.write(place, new TextEncoder().encode(text));
        return file;
      }
    },
  };
}

/** A name for a file: letters, digits and hyphens, never a device's. */
function slug(title: string): string {
  const words = title
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  const short = [...words].slice(0, 60).join("").replace(/-$/, "");
  return short === "" || /^(con|prn|aux|nul|com\d|lpt\d)$/.test(short)
    ? `research-${sha256(title).slice(0, 8)}`
    : short;
}
