import fs from "node:fs";
import Mocha from "mocha";

/** How one test of the suite inside the extension host ended. */
export interface HostResult {
  title: string;
  /** The error's text; absent where the test passed. */
  error?: string;
}

/**
 * Called by VS Code inside the extension host, on a desktop (@vscode/test-electron) and in the server alike. Results go to the file
 * named by VITRINE_HOST_RESULTS, one entry a test; throws where one failed.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, reporter: "min" });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  // Loaded only now: the suites call describe() as they load.
  await Promise.all([import("./activation.test"), import("./commands.test"), import("./settings.test")]);
  const results: HostResult[] = [];
  const failures = await new Promise<number>((resolve) => {
    mocha
      .run(resolve)
      .on("pass", (test) => results.push({ title: test.fullTitle() }))
      .on("fail", (test, error: Error) =>
        results.push({ title: test.fullTitle(), error: error.stack ?? String(error) }),
      );
  });
  const file = process.env.VITRINE_HOST_RESULTS;
  if (file) fs.writeFileSync(file, JSON.stringify(results));
  if (failures > 0) throw new Error(`${failures} of ${results.length} tests failed`);
  if (results.length === 0) throw new Error("the suite ran no tests");
}
