// The suite inside the extension host, on a desktop VS Code: npm run test:desktop [-- /path/to/VS Code's program]
// The product ring runs the same suite in the VS Code server. @vscode/test-electron brings a VS Code where none is named.
import fs from "node:fs";
import path from "node:path";
import { cache, root, sampleWorkspace } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { main, Plain, say } from "./lib/say.mjs";
import { ensureDependencies } from "./setup.mjs";

main(async () => {
  await ensureDependencies();
  const { runTests } = await import("@vscode/test-electron");
  await run(process.execPath, [path.join(root, "esbuild.js")], { cwd: root });
  const { bundleHostSuite } = await import("./lib/hostSuite.mjs");
  const suite = await bundleHostSuite();
  const results = path.join(cache, "product", "desktop-results.json");
  fs.rmSync(results, { force: true });
  const code = await runTests({
    vscodeExecutablePath: process.argv[2] ?? process.env.VITRINE_VSCODE,
    extensionDevelopmentPath: root,
    extensionTestsPath: suite,
    extensionTestsEnv: { VITRINE_HOST_RESULTS: results },
    launchArgs: [sampleWorkspace, "--disable-workspace-trust", "--disable-extensions"],
  }).catch((error) => {
    throw new Plain(
      `VS Code could not run the suite: ${error.message}\nName an installed one: npm run test:desktop -- /path/to/code`,
    );
  });
  const ended = fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, "utf8")) : [];
  for (const { title, error } of ended) say(error === undefined ? `ok      ${title}` : `FAILED  ${title}\n${error}`);
  console.log(
    `${ended.filter((each) => each.error === undefined).length} passed, ${ended.filter((each) => each.error !== undefined).length} failed`,
  );
  return code === 0 && ended.length > 0 ? 0 : 1;
});
