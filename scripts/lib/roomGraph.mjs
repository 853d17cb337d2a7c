// Which room imports which, read from the code's own import statements.
import fs from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";

const folders = ["src", "webview-ui"];
// The engine's parts have rules of their own; elsewhere a room is one folder.
const rooms = [
  "src/contract",
  "src/wire",
  "src/engine/llama",
  "src/engine/run",
  "src/engine/microscope",
  "src/engine/models",
  "src/engine",
  "src/agent",
  "src/sandbox",
  "src/host",
  "src/cli",
  "webview-ui/kit",
  "webview-ui",
];

/** The room that a file lies in, by its path from the root. */
export function roomOf(file) {
  return rooms.find((room) => file === room || file.startsWith(`${room}/`));
}

/**
 * Edges between rooms with the number of imports behind each, sorted.
 * @returns {{ from: string, to: string, count: number }[]}
 */
export function roomGraph() {
  const counts = new Map();
  for (const file of folders.flatMap(sources)) {
    const from = roomOf(file);
    const text = fs.readFileSync(path.join(root, file), "utf8");
    for (const [, target] of text.matchAll(/(?:^|\n)(?:import|export)[^"';]*? from "(\.[^"]+)"/g)) {
      const to = roomOf(path.posix.join(path.posix.dirname(file), target));
      if (!from || !to || from === to) continue;
      const key = `${from}>${to}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([key, count]) => ({ from: key.split(">")[0], to: key.split(">")[1], count }))
    .sort((a, b) => (`${a.from}>${a.to}` < `${b.from}>${b.to}` ? -1 : 1));
}

/** The graph as a Mermaid flow chart, without the arrows to `contract`, which everyone has. */
export function roomDiagram() {
  const id = (room) => room.replace(/\W/g, "_");
  const edges = roomGraph().filter(({ to }) => to !== "src/contract");
  const named = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].sort();
  return [
    "```mermaid",
    "flowchart TD",
    ...named.map((room) => `  ${id(room)}["${room}"]`),
    ...edges.map(({ from, to }) => `  ${id(from)} --> ${id(to)}`),
    "```",
  ].join("\n");
}

function sources(folder) {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => path.posix.join(folder, String(file).replaceAll(path.sep, "/")))
    .filter((file) => /\.tsx?$/.test(file));
}
