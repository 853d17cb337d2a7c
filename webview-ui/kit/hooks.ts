import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ErrorData } from "../../src/contract/errors";
import type { Host } from "./host";
import { asErrorData } from "./host";

/** The last snapshot of a host's event; undefined until the first has come. */
export function useEvent<M, E, K extends keyof E & string>(host: Host<M, E>, name: K): E[K] | undefined {
  const [value, setValue] = useState<{ of: E[K] } | undefined>(undefined);
  useEffect(() => host.on(name, (of) => setValue({ of })), [host, name]);
  return value?.of;
}

export interface Run<R> {
  status: "idle" | "busy" | "done" | "failed" | "cancelled";
  result: R | null;
  error: ErrorData | null;
  /** 0..1, null where the work does not say. */
  fraction: number | null;
  /** Begins; a run under way is cancelled first. */
  start(work: (signal: AbortSignal, progress: (fraction: number | null) => void) => Promise<R>): void;
  cancel(): void;
  reset(): void;
}

type RunState<R> = Pick<Run<R>, "status" | "result" | "error" | "fraction">;

/** One piece of work a person can start, watch and cancel. The last result stays while the next is made. */
export function useRun<R>(): Run<R> {
  const [state, setState] = useState<RunState<R>>({ status: "idle", result: null, error: null, fraction: null });
  const current = useRef<AbortController | null>(null);
  const cancel = useCallback(() => current.current?.abort(), []);
  useEffect(() => cancel, [cancel]);

  const start = useCallback<Run<R>["start"]>((work) => {
    current.current?.abort();
    const mine = new AbortController();
    current.current = mine;
    const update = (change: Partial<RunState<R>>): void => {
      if (current.current === mine) setState((before) => ({ ...before, ...change }));
    };
    update({ status: "busy", error: null, fraction: null });
    work(mine.signal, (fraction) => update({ fraction })).then(
      (result) => update({ status: "done", result }),
      (thrown: unknown) => {
        const error = asErrorData(thrown);
        if (error.code === "cancelled") update({ status: "cancelled", error: null });
        else update({ status: "failed", error });
      },
    );
  }, []);

  const reset = useCallback(() => {
    current.current?.abort();
    current.current = null;
    setState({ status: "idle", result: null, error: null, fraction: null });
  }, []);
  return { ...state, start, cancel, reset };
}

/** The size of an element's box in CSS pixels, kept current. */
export function useSize<T extends Element>(): [(element: T | null) => void, { width: number; height: number }] {
  const [size, setSize] = useState({ width: 0, height: 0 });
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useCallback((element: T | null) => {
    observer.current?.disconnect();
    if (!element) return;
    const take = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    };
    // A frame later: what is drawn for a size may change sizes again.
    observer.current = new ResizeObserver(() => requestAnimationFrame(take));
    observer.current.observe(element);
  }, []);
  return [ref, size];
}
