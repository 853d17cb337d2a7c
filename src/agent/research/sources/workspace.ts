import { fail } from "../../../contract/errors";
import type { Found } from "../../../contract/research";
import type { FilesPort, SearchPort } from "../../../contract/tool";
import { pageText } from "../../web/pageText";
import { pdfText, isPdf } from "../pdf";
import { protectedForReading, resolvePath } from "../../tools/paths";
import { words } from "../../tools/selection/words";
import type { ResearchSource } from "../source";

const mostTerms = 12;
const hitsATerm = 60;
const readLimit = 4_000_000;
const pdfLimit = 32_000_000;

/**
 * Files of the workspace. They are ranked by how many of the query's words they hold, rare words counting more. Files
 * that may hold secrets and reports of earlier researches are never read.
 */
export function workspaceSource(files: FilesPort, search: SearchPort): ResearchSource {
  return {
    kind: "file",
    private: true,
    search: async (query, limit, signal) => {
      const scores = new Map<string, { score: number; lines: Set<string> }>();
      for (const term of terms(query)) {
        const { hits } = await search.search(term, { limit: hitsATerm, signal });
        const matched = new Set(hits.map(({ path }) => path));
        for (const { path, text } of hits) {
          const entry = scores.get(path) ?? { score: 0, lines: new Set<string>() };
          entry.lines.add(text.trim().slice(0, 120));
          scores.set(path, entry);
        }
        // A word that few files have says more (inverse document frequency).
        for (const path of matched) {
          const entry = scores.get(path);
          if (entry) entry.score += 0.2 + 1 / matched.size;
        }
      }
      const found: Found[] = [];
      for (const [path, { lines }] of [...scores].sort((a, b) => b[1].score - a[1].score)) {
        const place = await placeOf(files, path);
        if (place === undefined) continue;
        found.push({ kind: "file", place, title: place, excerpt: [...lines].slice(0, 3).join(" … ") });
        if (found.length >= limit) break;
      }
      return found;
    },
    read: async (place, signal) => {
      const where = await resolvePath(files, place);
      if (protectedForReading(where.shown) !== undefined) fail("notAllowed", `${where.shown} may hold secrets.`);
      const { size } = await files.stat(where.path);
      const head = await files.read(where.path, 1_024);
      if (isPdf(head)) {
        if (size > pdfLimit) fail("tooLarge", `${where.shown} is too large to read (${size} bytes).`);
        const { title, text, cut } = await pdfText(await files.read(where.path, size), signal);
        return { title: title || where.shown, text, cut };
      }
      const bytes = await files.read(where.path, Math.min(size, readLimit));
      if (bytes.subarray(0, 8_000).includes(0)) fail("badArgument", `${where.shown} is no text file.`);
      const text = new TextDecoder().decode(bytes);
      const cut = size > bytes.length;
      if (/\.(x?html?)$/i.test(where.shown)) return { title: where.shown, text: pageText(text), cut };
      return { title: where.shown, text, cut, file: where.shown };
    },
  };
}

/** A file's path within the first folder, if it may be read; files of other folders are reached through their own name. */
async function placeOf(files: FilesPort, path: string): Promise<string | undefined> {
  const { shown, root } = await resolvePath(files, path);
  if (protectedForReading(shown) !== undefined || /^research\/[^/]+\.md$/.test(shown)) return undefined;
  const [first, ...others] = files.roots();
  if (root === first) return shown;
  return others.includes(root) ? path : undefined;
}

/** The words of a query as they stand in texts (stems would not be found), the longest first. */
function terms(query: string): string[] {
  const kept = new Set(words(query));
  const plain = query.match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu) ?? [];
  const useful = plain.filter((word) => words(word).some((stem) => kept.has(stem)) && word.length > 1);
  return [...new Set(useful.map((word) => searchable(word.toLowerCase())))]
    .sort((a, b) => b.length - a.length)
    .slice(0, mostTerms);
}

/** A word without its commonest endings, so that a fixed text finds its other forms. */
function searchable(word: string): string {
  return word.length > 6 ? word.replace(/(ing|ed|es|s)$/, "") : word.length > 4 ? word.replace(/s$/, "") : word;
}
