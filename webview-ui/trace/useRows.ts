import { useEffect, useRef, useState } from "preact/hooks";
import type { ErrorData } from "../../src/contract/errors";
import type { TraceRow, TraceViewState } from "../../src/contract/traceView";
import { asErrorData } from "../kit/host";
import { host } from "./host";

/** The rows of the shown run as far as they were fetched: only what was added is asked for as a run grows. */
export function useRows(state: TraceViewState | undefined): { rows: TraceRow[]; error: ErrorData | null } {
  const run = state?.shown?.run ?? null;
  const count = state?.count ?? 0;
  const [held, setHeld] = useState<{ run: string | null; rows: TraceRow[] }>({ run: null, rows: [] });
  const [error, setError] = useState<ErrorData | null>(null);
  const latest = useRef(held);
  latest.current = held;
  useEffect(() => {
    if (run === null) return setHeld({ run: null, rows: [] });
    const abort = new AbortController();
    const fetch = async (): Promise<void> => {
      // A file that became shorter was written anew.
      const before = latest.current.run === run && latest.current.rows.length <= count ? latest.current.rows : [];
      let rows = before;
      while (rows.length < count) {
        const { rows: more } = await host.call("rows", { run, from: rows.length }, { signal: abort.signal });
        if (more.length === 0) break;
        rows = [...rows, ...more];
        setHeld({ run, rows });
      }
      if (rows === before) setHeld({ run, rows });
      setError(null);
    };
    fetch().catch((thrown: unknown) => {
      const data = asErrorData(thrown);
      if (data.code !== "cancelled") setError(data);
    });
    return () => abort.abort();
  }, [run, count]);
  return { rows: held.run === run ? held.rows : [], error };
}
