// Checks every room against its own tsconfig, so that an import across a wall is a compile error: node scripts/typecheck.mjs [room]
import fs from "node:fs";
import path from "node:path";
import { root } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { main, Plain } from "./lib/say.mjs";

main(async () => {
  const { references } = JSON.parse(fs.readFileSync(path.join(root, "tsconfig.json"), "utf8"));
  const rooms = process.argv.slice(2);
  const all = references.map((each) => each.path).filter((room) => hasSources(path.join(root, room)));
  const chosen =
    rooms.length === 0 ? all : all.filter((room) => rooms.some((name) => room === name || room.endsWith(`/${name}`)));
  if (chosen.length === 0)
    throw new Plain(`There is no room called ${rooms.join(", ")}; the rooms are ${all.join(", ")}.`);
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const { code } = await run(process.execPath, [tsc, "-b", ...chosen], { cwd: root, show: true, allowFailure: true });
  if (code === 0) console.log(`${chosen.length} rooms checked`);
  return code;
});

function hasSources(folder) {
  if (!fs.existsSync(folder)) return false;
  return fs
    .readdirSync(folder, { recursive: true })
    .some((file) => /\.(tsx?|mjs)$/.test(file) && !file.includes("node_modules"));
}
