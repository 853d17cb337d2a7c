import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { FeatureSummary } from "../../src/contract/acting";
import type { ErrorData } from "../../src/contract/errors";
import type { InstrumentHost } from "../kit/instrument";
import { asErrorData } from "../kit/host";

const pageRows = 100;

export interface Pages {
  total: number;
  at(index: number): FeatureSummary | undefined;
  want(from: number, to: number): void;
  error: ErrorData | null;
  ready: boolean;
  /** Reads anew: a label or the contexts have changed. */
  refresh(): void;
}

/** The list of a folder's features a page at a time, as far as it is looked at. A new folder or search forgets all. */
export function usePages(host: InstrumentHost, folder: string, search: string): Pages {
  const [version, setVersion] = useState(0);
  const [turn, setTurn] = useState(0);
  const [error, setError] = useState<ErrorData | null>(null);
  const [wanted, setWanted] = useState(search);
  // A search goes through all features: one at the end of the typing is enough.
  useEffect(() => {
    const wait = setTimeout(() => setWanted(search), 250);
    return () => clearTimeout(wait);
  }, [search]);
  const held = useRef({ key: "", total: -1, pages: new Map<number, FeatureSummary[] | "asked">() });
  const key = `${folder}\n${wanted}\n${turn}`;
  if (held.current.key !== key) held.current = { key, total: -1, pages: new Map() };
  const fetch = useCallback(
    (page: number) => {
      const mine = held.current;
      if (folder === "" || mine.pages.has(page)) return;
      mine.pages.set(page, "asked");
      host
        .call("featuresList", {
          folder,
          from: page * pageRows,
          count: pageRows,
          ...(wanted.trim() !== "" && { search: wanted.trim() }),
        })
        .then(
          ({ total, features }) => {
            if (held.current !== mine) return;
            mine.total = total;
            mine.pages.set(page, features);
            setError(null);
            setVersion((before) => before + 1);
          },
          (thrown: unknown) => {
            if (held.current !== mine) return;
            setError(asErrorData(thrown));
          },
        );
    },
    [host, folder, wanted, turn],
  );
  useEffect(() => fetch(0), [fetch]);
  const want = useCallback(
    (from: number, to: number) => {
      for (let page = Math.floor(from / pageRows); page * pageRows < to; page++) fetch(page);
    },
    [fetch, version],
  );
  const { total, pages } = held.current;
  return {
    total: Math.max(0, total),
    ready: total >= 0,
    error,
    want,
    at: (index) => {
      const page = pages.get(Math.floor(index / pageRows));
      return page === "asked" ? undefined : page?.[index % pageRows];
    },
    refresh: () => setTurn((before) => before + 1),
  };
}
