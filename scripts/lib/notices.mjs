// The licences of everything that is packed: what the bundles contain and what is copied beside them.
import fs from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";
import { isLicence, packageOf } from "./trace.mjs";

/**
 * The text of THIRD_PARTY_NOTICES.md.
 * @param {string[]} bundled folders of packages inside the bundles, in this clone
 * @param {string[]} copied files of node_modules that are packed as they are
 * @param {string} modules the folder whose node_modules they were copied from
 */
export function notices(bundled, copied, modules) {
  const folders = new Map(bundled.map((folder) => [folder, root]));
  for (const file of copied) folders.set(packageOf(file), modules);
  const sections = [...folders].sort().map(([folder, home]) => section(path.join(home, folder)));
  return `# Third-party notices\n\nVitrine contains or ships with the following packages.\n\n${sections.join("\n")}`;
}

function section(folder) {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const texts = fs
    .readdirSync(folder)
    .filter((file) => isLicence(file) && fs.statSync(path.join(folder, file)).isFile())
    .map((file) => fs.readFileSync(path.join(folder, file), "utf8").trim());
  const kind = typeof license === "string" ? license : "see the package";
  const body = texts.length > 0 ? `\n\`\`\`text\n${texts.join("\n\n").replaceAll("```", "'''")}\n\`\`\`\n` : "";
  return `## ${name} ${version} (${kind})\n${body}`;
}
