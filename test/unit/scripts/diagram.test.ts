import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "../../../scripts/lib/paths.mjs";
import { roomDiagram, roomGraph, roomOf } from "../../../scripts/lib/roomGraph.mjs";

test("the diagram in ARCHITECTURE.md is the code's own imports; if not, run node scripts/diagram.mjs", () => {
  const text = fs.readFileSync(path.join(root, "ARCHITECTURE.md"), "utf8");
  expect(/<!-- rooms -->\n\n([^]*?)\n\n<!-- \/rooms -->/.exec(text)?.[1]).toBe(roomDiagram());
});

test("a file is in the innermost room that holds it", () => {
  expect(roomOf("src/engine/run/observe.ts")).toBe("src/engine/run");
  expect(roomOf("src/engine/main.ts")).toBe("src/engine");
  expect(roomOf("webview-ui/lens/lens.tsx")).toBe("webview-ui");
  expect(roomOf("bench/lens.ts")).toBeUndefined();
});

test("contract imports no other room, and only the engine's own rooms import the native door", () => {
  const edges = roomGraph();
  expect(edges.length).toBeGreaterThan(5);
  expect(edges.filter(({ from }) => from === "src/contract")).toEqual([]);
  const door = edges.filter(({ to }) => to === "src/engine/llama").map(({ from }) => from);
  expect(door.filter((from) => !from.startsWith("src/engine"))).toEqual([]);
});
