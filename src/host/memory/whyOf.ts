import type { MemoryUsed } from "../../contract/agentView";
import type { ConversationNode } from "../../contract/conversation";
import type { MemoryDoor } from "./door";
import type { MemoryHit, MemoryWhy } from "../../contract/memory";

/** What an answer was given: as the memory knows it with the ways through the graph, or else as the answer itself tells. */
export async function whyOf(memory: Pick<MemoryDoor, "call">, answer: ConversationNode): Promise<MemoryWhy> {
  const known = await memory.call("memoryWhy", { run: answer.run?.run ?? answer.id });
  return known && known.hits.length > 0 ? known : toldBy(answer);
}

/** What is told even when the memories have changed since, or the editor was closed meanwhile. */
export function toldBy({ id, run, memory }: ConversationNode): MemoryWhy {
  const used = run ? run.steps.flatMap(({ read }) => read) : (memory?.read ?? []);
  const seen = new Set<string>();
  const hits = used.flatMap((each) => {
    if (each.id === undefined || seen.has(each.id)) return [];
    seen.add(each.id);
    return [hitOf(each, each.id)];
  });
  return { run: run?.run ?? id, goal: run?.goal ?? "", hits, written: [] };
}

function hitOf({ text, why, kind = "fact", time = "", source, taint }: MemoryUsed, id: string): MemoryHit {
  return {
    item: {
      id,
      node: "record",
      kind,
      text,
      time,
      pinned: false,
      valid: true,
      ...(source ? { source } : {}),
      ...(taint === undefined ? {} : { taint }),
    },
    score: 0,
    why,
  };
}
