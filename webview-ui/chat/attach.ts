import { useEffect, useState } from "preact/hooks";
import type { AttachedItem, AttachItem } from "../../src/contract/chatView";
import type { ErrorData } from "../../src/contract/errors";
import { asErrorData } from "../kit/host";
import { host } from "./host";

/** What is being typed after a `#`, and where it begins; null where the caret stands in no such word. */
export function hashWord(text: string, caret: number): { from: number; query: string } | null {
  const match = /(?:^|\s)#([^\s#]{0,100})$/.exec(text.slice(0, caret));
  return match ? { from: caret - match[1]!.length - 1, query: match[1]! } : null;
}

/** Addresses in what was dropped: the editor's own list, or the platform's. */
export function droppedUris(data: DataTransfer): string[] {
  const list = data.getData("application/vnd.code.uri-list") || data.getData("text/uri-list");
  return list
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .slice(0, 10);
}

export interface Attaching {
  items: AttachedItem[];
  error: ErrorData | null;
  add(item: AttachItem): void;
  pick(): void;
  remove(id: string): void;
  clear(): void;
}

/** What goes with the next message. */
export function useAttaching(kept: AttachedItem[] | undefined): Attaching {
  const [items, setItems] = useState<AttachedItem[]>(Array.isArray(kept) ? kept : []);
  const [error, setError] = useState<ErrorData | null>(null);
  const take = (work: Promise<AttachedItem | null>): void => {
    setError(null);
    work.then(
      (item) => item && setItems((before) => [...before.filter(({ label }) => label !== item.label), item]),
      (thrown: unknown) => setError(asErrorData(thrown)),
    );
  };
  return {
    items,
    error,
    add: (item) => take(host.call("attach", { item })),
    pick: () => take(host.call("pickFile", {})),
    remove: (id) => setItems((before) => before.filter((item) => item.id !== id)),
    clear: () => {
      setError(null);
      setItems([]);
    },
  };
}

/** Suggestions for a word after `#`, asked for anew as it grows. */
export function useSuggestions(query: string | null): AttachItem[] {
  const [items, setItems] = useState<AttachItem[]>([]);
  useEffect(() => {
    if (query === null) return setItems([]);
    const abort = new AbortController();
    const timer = setTimeout(() => {
      host.call("suggest", { query }, { signal: abort.signal }).then(
        ({ items }) => setItems(items),
        () => setItems([]),
      );
    }, 80);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return items;
}
