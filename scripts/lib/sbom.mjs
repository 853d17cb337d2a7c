// What is packed, as a CycloneDX 1.6 bill of materials, so that a scanner can say which packages a release holds.
import fs from "node:fs";
import path from "node:path";
import { root } from "./paths.mjs";
import { packageOf } from "./trace.mjs";

/**
 * The bill of materials of one target's package. The same packages give the same text: no time, no random number.
 * @param {{ name: string, version: string, license: string, publisher: string }} manifest the extension's package.json
 * @param {string} target
 * @param {string[]} bundled folders of packages inside the bundles, in this clone
 * @param {string[]} copied files of node_modules that are packed as they are
 * @param {string} modules the folder whose node_modules they were copied from
 */
export function sbom(manifest, target, bundled, copied, modules) {
  const folders = new Map(bundled.map((folder) => [folder, { home: root, how: "bundled" }]));
  for (const file of copied) folders.set(packageOf(file), { home: modules, how: "copied" });
  const locked = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  const components = [...folders]
    .map(([folder, { home, how }]) => component(path.join(home, folder), locked[folder]?.integrity, how))
    .sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
  const own = `pkg:npm/${manifest.name}@${manifest.version}`;
  return `${JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: {
        component: {
          type: "application",
          "bom-ref": own,
          name: manifest.name,
          version: manifest.version,
          publisher: manifest.publisher,
          licenses: [{ license: { id: manifest.license } }],
          properties: [{ name: "vitrine:target", value: target }],
        },
      },
      components,
      dependencies: [{ ref: own, dependsOn: components.map((each) => each["bom-ref"]) }],
    },
    null,
    2,
  )}\n`;
}

function component(folder, integrity, how) {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const [, content] = /^sha512-(.+)$/.exec(integrity ?? "") ?? [];
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    ...(typeof license === "string" ? { licenses: [{ expression: license }] } : {}),
    ...(content ? { hashes: [{ alg: "SHA-512", content: Buffer.from(content, "base64").toString("hex") }] } : {}),
    properties: [{ name: "vitrine:packed", value: how }],
  };
}
