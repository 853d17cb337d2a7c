import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/command";
import { errorLine, table, toJson } from "../../../src/cli/output";
import { estimate, progressReporter } from "../../../src/cli/progress";
import { VitrineError } from "../../../src/contract/errors";

describe("an error", () => {
  it("is one line with what to do, and status 1", () => {
    const error = new VitrineError({ code: "tooLarge", message: "It needs 9 GB.", remedy: "close something" });
    expect(errorLine(error)).toEqual({ line: "vitrine: It needs 9 GB — close something", status: 1 });
  });
  it("of the call has status 2, a cancelled one 130", () => {
    expect(errorLine(new UsageError("--max is missing")).status).toBe(2);
    expect(errorLine(new VitrineError({ code: "cancelled", message: "x" })).status).toBe(130);
  });
  it("carries no line break and no escape of what it quotes", () => {
    const { line } = errorLine(new Error("a\nb\u001b[31mc"));

    expect(line).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe("JSON", () => {
  it("writes typed arrays as lists", () => {
    expect(toJson({ a: Float32Array.from([1, 0.5]), b: new Int32Array(1) })).toBe('{"a":[1,0.5],"b":[0]}');
  });
});

describe("a table", () => {
  it("lines figures up on the right and gives wide characters two columns", () => {
    expect(
      table(
        ["t", "n"],
        [
          ["ab", 1.5],
          ["你", 100],
        ],
      ),
    ).toBe("t     n\nab  1.5\n你  100");
  });
  it("shows what cannot be seen", () => {
    expect(table(["t"], [["a\nb\u001b[0m"]])).toBe("t\na⏎b·[0m");
  });
});

describe("the time left", () => {
  it("is told once there is something to go by", () => {
    expect(estimate(0, 10, 5000)).toBe("");
    expect(estimate(5, 10, 10_000)).toBe(", 10 s left");
    expect(estimate(1, 31, 10_000)).toBe(", 5 min left");
    expect(estimate(10, 10, 10_000)).toBe("");
  });
});

describe("progress", () => {
  function written(isTTY: boolean, times: number[]): string {
    let text = "";
    const clock = times[Symbol.iterator]();
    const stream = { isTTY, write: (part: string) => (text += part) } as unknown as NodeJS.WriteStream;
    const reporter = progressReporter(stream, () => clock.next().value ?? 0);
    times.forEach((_, index) => reporter.report(index + 1, times.length, "reading"));
    reporter.end();
    return text;
  }
  it("is silent on short work", () => {
    expect(written(false, [10_000, 10_500, 11_000])).toBe("");
  });
  it("is a line now and then in a log", () => {
    expect(written(false, [10_000, 12_000, 12_100, 14_500]).trim().split("\n")).toHaveLength(2);
  });
  it("is one line in a terminal, taken away at the end", () => {
    const text = written(true, [10_000, 10_200, 10_400]);
    expect(text).not.toContain("\n");
    expect(text.endsWith("\u001b[K")).toBe(true);
  });
});
