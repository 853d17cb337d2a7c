import type { MemoryPort } from "../../../contract/agent";
import { fail } from "../../../contract/errors";
import type { ResearchSource } from "../source";

/** What the agent remembers. A memory is a text of its own; its citation opens it as it was read. */
export function memorySource(memory: Pick<MemoryPort, "search">): ResearchSource {
  const seen = new Map<string, string>();
  return {
    kind: "memory",
    private: true,
    search: async (query, limit, signal) => {
      const found = await memory.search(query, limit, signal);
      return found.map(({ id, text, why }) => {
        seen.set(id, text);
        return { kind: "memory", place: id, title: `Memory: ${text.slice(0, 60)}`, excerpt: why };
      });
    },
    read: (place) => {
      const text = seen.get(place);
      if (text === undefined) {
        return Promise.resolve().then(() => fail("fileMissing", "This memory was found before the editor was closed."));
      }
      return Promise.resolve({ title: `Memory: ${text.slice(0, 60)}`, text, cut: false });
    },
  };
}
