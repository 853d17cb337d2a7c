// The walls of the house as an ESLint rule: who may import whom. ARCHITECTURE.md says it in words, the tsconfig of each room says it
// to the compiler; this rule adds what a tsconfig cannot say (single files, packages, folders inside a room).
import path from "node:path";

/** Packages that only one place may import. */
const packageHomes = [
  { name: /^vscode$/, homes: [/^src\/host\//, /^test\//] },
  { name: /^koffi$/, homes: [/^src\/engine\/llama\//, /^test\//, /^bench\//, /^scripts\//] },
  { name: /^node-llama-cpp$/, homes: [/^src\/engine\//, /^test\//, /^bench\//, /^scripts\//, /^specimen\//] },
  { name: /^@vscode\/webview-ui-toolkit(\/|$)/, homes: [/^webview-ui\/kit\//] },
  { name: /^node:/, homes: [/^(?!src\/contract\/|webview-ui\/)/] },
];

/** The room a file of the repository belongs to: "contract", "engine", "view", ... or undefined for tests, scripts and benchmarks. */
function roomOf(file) {
  if (file.startsWith("webview-ui/")) return "view";
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

/** Why one file may not import another, both relative to the root of the repository; undefined where it may. */
export function wallBetween(from, to) {
  const room = roomOf(from);
  const target = roomOf(to);
  if (!room) return undefined;
  if (!target) return `${from} is product code; it may not import ${to}`;
  if (room === target) return withinRoom(room, from, to);
  if (target === "contract") return undefined;
  if (target === "wire" && (room === "host" || room === "cli" || /^src\/(engine|sandbox)\/main\.ts$/.test(from)))
    return undefined;
  if (target === "agent" && (room === "host" || room === "cli")) return undefined;
  return `${room} may not import ${target}`;
}

function withinRoom(room, from, to) {
  if (room === "engine" && to.startsWith("src/engine/llama/") && !/^src\/engine\/(llama|run|microscope)\//.test(from)) {
    return "inside the engine only run/ and microscope/ import llama/";
  }
  if (room === "view") {
    const [, fromView] = from.split("/");
    const [, toView] = to.split("/");
    if (fromView !== toView && toView !== "kit") return "a view imports kit and itself, never another view";
  }
  return undefined;
}

/** Why a file may not import a package; undefined where it may. */
export function packageWall(from, name) {
  const rule = packageHomes.find((each) => each.name.test(name));
  if (rule && !rule.homes.some((home) => home.test(from))) return `${name} is not imported here`;
  if (roomOf(from) === "contract") return `contract imports nothing from outside, and ${name} is`;
  return undefined;
}

/** @type {import("eslint").Rule.RuleModule} */
export const roomsRule = {
  meta: { type: "problem", schema: [], docs: { description: "keep the import rules of the rooms" } },
  create(context) {
    const root = context.cwd;
    const from = path.relative(root, context.filename).replaceAll(path.sep, "/");
    function check(node, source) {
      if (typeof source?.value !== "string") return;
      const name = source.value;
      const wall = name.startsWith(".")
        ? wallBetween(
            from,
            path.posix.normalize(path.posix.join(path.posix.dirname(from), name)) + (path.extname(name) ? "" : ".ts"),
          )
        : packageWall(from, name);
      if (wall) context.report({ node, message: wall });
    }
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal),
    };
  },
};
