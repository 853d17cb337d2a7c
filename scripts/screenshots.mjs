// Copies the pictures that the documents show from the product ring's last run: node scripts/screenshots.mjs
import fs from "node:fs";
import path from "node:path";
import { root, testResults } from "./lib/paths.mjs";
import { main, Plain, say } from "./lib/say.mjs";

const shown = ["token-open", "lens", "attribution", "neurons", "attention", "embeddings", "surprisal", "tool-approved"];

main(async () => {
  const from = path.join(testResults, "screenshots");
  const to = path.join(root, "media", "screenshots");
  fs.mkdirSync(to, { recursive: true });
  for (const name of shown) {
    const file = path.join(from, `${name}.png`);
    if (!fs.existsSync(file))
      throw new Plain(`${name}.png is not there yet; run the product tests first: npm test -- product`);
    fs.copyFileSync(file, path.join(to, `${name}.png`));
    say(`media/screenshots/${name}.png`);
  }
  // The course's: a picture for each lab that opens a panel.
  for (const file of fs.readdirSync(from).filter((name) => /^lab-[a-z-]+\.png$/.test(name))) {
    fs.copyFileSync(path.join(from, file), path.join(root, "docs", "labs", "pictures", file.slice("lab-".length)));
    say(`docs/labs/pictures/${file.slice("lab-".length)}`);
  }
});
