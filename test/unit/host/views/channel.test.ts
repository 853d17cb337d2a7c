import { beforeEach, expect, test, vi } from "vitest";
import { fail } from "../../../../src/contract/errors";
import type { Handlers, Method } from "../../../../src/contract/method";
import type { ToView } from "../../../../src/contract/view";
import { ViewChannel } from "../../../../src/host/views/channel";
import { integer, object, type Check } from "../../../../src/host/views/checks";
import { silentLog } from "../silentLog";

interface Methods {
  double: Method<{ n: number }, number>;
  wait: Method<{ n: number }, null, number>;
  refuse: Method<{ n: number }, null>;
}

const n: Check<{ n: number }> = object({ n: integer(0, 100) });
const checks = { double: n, wait: n, refuse: n };
let sent: ToView[];
let receive: (message: unknown) => void;
let ready: ReturnType<typeof vi.fn<() => void>>;
let aborted: number[];

function open(): ViewChannel<Methods> {
  const handlers: Handlers<Methods> = {
    double: (params) => Promise.resolve(params.n * 2),
    wait: ({ n: number }, { signal, progress }) =>
      new Promise((_, reject) => {
        progress(number);
        signal.addEventListener("abort", () => {
          aborted.push(number);
          reject(new DOMException("stopped", "AbortError"));
        });
      }),
    refuse: () => Promise.resolve().then(() => fail("tooLarge", "No.", { remedy: "Less." })),
  };
  const port = {
    postMessage: (message: ToView) => {
      sent.push(message);
      return Promise.resolve(true);
    },
    onDidReceiveMessage: (listener: (message: unknown) => void) => {
      receive = listener;
      return { dispose: () => undefined };
    },
  };
  return new ViewChannel<Methods>(port, checks, handlers, ready, silentLog());
}

beforeEach(() => {
  sent = [];
  aborted = [];
  ready = vi.fn();
});

async function answers(count: number): Promise<void> {
  await vi.waitFor(() => expect(sent.length).toBeGreaterThanOrEqual(count));
}

test("a call is answered with its value, a refusal with its typed error", async () => {
  open();
  receive({ kind: "call", id: 1, method: "double", params: { n: 4 } });
  receive({ kind: "call", id: 2, method: "refuse", params: { n: 4 } });
  await answers(2);
  expect(sent).toContainEqual({ kind: "result", id: 1, value: 8 });
  expect(sent).toContainEqual({ kind: "error", id: 2, error: { code: "tooLarge", message: "No.", remedy: "Less." } });
});

test.each([
  ["no such method", "sudo", { n: 1 }],
  ["a method of Object", "constructor", { n: 1 }],
  ["wrong type", "double", { n: "1" }],
  ["out of range", "double", { n: 101 }],
  ["not a number at all", "double", { n: Number.NaN }],
  ["a key too many", "double", { n: 1, __proto__x: 2 }],
  ["no parameters", "double", undefined],
  ["a list", "double", [1]],
])("%s is answered with badArgument and reaches no handler", async (_, method, params) => {
  open();
  receive({ kind: "call", id: 7, method, params });
  await answers(1);
  expect(sent).toEqual([
    expect.objectContaining({ kind: "error", id: 7, error: expect.objectContaining({ code: "badArgument" }) }),
  ]);
});

test.each([
  [null],
  ["text"],
  [{}],
  [{ kind: "call", id: "1", method: "double" }],
  [{ kind: "call", id: 1.5, method: "double" }],
  [{ kind: "eval", id: 1 }],
])("a message like %j is dropped", async (message) => {
  open();
  receive(message);
  receive({ kind: "call", id: 2, method: "double", params: { n: 1 } });
  await answers(1);
  expect(sent).toEqual([{ kind: "result", id: 2, value: 2 }]);
});

test("progress arrives, cancelling ends the handler, and the call is answered as cancelled", async () => {
  open();
  receive({ kind: "call", id: 3, method: "wait", params: { n: 5 } });
  await answers(1);
  expect(sent).toEqual([{ kind: "progress", id: 3, value: 5 }]);
  receive({ kind: "cancel", id: 3 });
  await answers(2);
  expect(aborted).toEqual([5]);
  expect(sent[1]).toMatchObject({ kind: "error", id: 3, error: { code: "cancelled" } });
});

test("two calls of one number are not mixed up", async () => {
  open();
  receive({ kind: "call", id: 3, method: "wait", params: { n: 5 } });
  receive({ kind: "call", id: 3, method: "double", params: { n: 5 } });
  await answers(2);
  expect(sent[1]).toMatchObject({ kind: "error", id: 3, error: { code: "badArgument" } });
  expect(aborted).toEqual([]);
});

test("a view that goes away cancels what it asked, and hears nothing more", async () => {
  const channel = open();
  receive({ kind: "call", id: 3, method: "wait", params: { n: 5 } });
  await answers(1);
  channel.dispose();
  await vi.waitFor(() => expect(aborted).toEqual([5]));
  channel.event("state", {});
  expect(sent).toHaveLength(1);
});

test("a view that is ready is told the state by its owner, and snapshots are passed on", () => {
  const channel = open();
  receive({ kind: "ready" });
  expect(ready).toHaveBeenCalledOnce();
  channel.event("state", { a: 1 });
  expect(sent).toEqual([{ kind: "event", name: "state", value: { a: 1 } }]);
});
