import { expect } from "vitest";
import type { CallContext } from "../../../src/contract/method";

/** A call's context that keeps what was reported. `stopAfter` cancels at that report. */
export function callContext<Progress>(stopAfter = Infinity): CallContext<Progress> & { reports: Progress[] } {
  const controller = new AbortController();
  const reports: Progress[] = [];
  return {
    signal: controller.signal,
    reports,
    progress(value) {
      reports.push(value);
      if (reports.length >= stopAfter) controller.abort();
    },
  };
}

/** Matches a typed error by its code. */
export const coded = (code: string) => expect.objectContaining({ data: expect.objectContaining({ code }) });
