// Writes the rooms' diagram into ARCHITECTURE.md: node scripts/diagram.mjs
import fs from "node:fs";
import path from "node:path";
import { root } from "./lib/paths.mjs";
import { roomDiagram } from "./lib/roomGraph.mjs";

const file = path.join(root, "ARCHITECTURE.md");
const text = fs.readFileSync(file, "utf8");
const marks = /(<!-- rooms -->\n\n)[^]*?(\n\n<!-- \/rooms -->)/;
if (!marks.test(text)) throw new Error("ARCHITECTURE.md has no place for the diagram.");
fs.writeFileSync(
  file,
  text.replace(marks, (_, before, after) => `${before}${roomDiagram()}${after}`),
);
