// Every ring of tests, after all the set-up that a fresh clone needs: node scripts/test.mjs [ring ...]
// Ends with a plain line "N passed, M failed" that sums all rings; the exit status is non-zero when anything failed or a ring ran no test.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ensureBrowser } from "./lib/browser.mjs";
import { ensureCodeServer } from "./lib/codeServer.mjs";
import { root, testResults } from "./lib/paths.mjs";
import { duration, main, Plain, say } from "./lib/say.mjs";
import { ensureDependencies } from "./setup.mjs";

const minutes = 60_000;

/**
 * The rings in the order they run. A check (types, lint, build) counts as one test. `limit` ends a ring that hangs.
 * `build`: the ring reads dist/.
 */
const rings = {
  typecheck: { run: check("scripts/typecheck.mjs"), limit: 10 * minutes },
  lint: { run: check("scripts/lint.mjs"), limit: 10 * minutes },
  build: { run: check("esbuild.js"), limit: 2 * minutes },
  unit: { run: vitest("unit"), limit: 10 * minutes, build: true },
  engine: { run: vitest("engine"), limit: 20 * minutes, build: true },
  view: { run: vitest("view"), limit: 15 * minutes, build: true, prepare: ensureBrowser },
  product: { run: vitest("product"), limit: 20 * minutes, prepare: () => ensureBrowser().then(ensureCodeServer) },
};

main(async () => {
  const started = Date.now();
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !rings[name]);
  if (unknown.length > 0)
    throw new Plain(`There is no ring called ${unknown.join(", ")}; the rings are ${Object.keys(rings).join(", ")}.`);
  await ensureDependencies();
  fs.mkdirSync(testResults, { recursive: true });
  const results = [];
  for (const name of withBuild(asked)) results.push(await runRing(name));
  return report(results, Date.now() - started);
});

/** The rings to run: all of them, or those asked for, with the build before the first that reads it. */
function withBuild(asked) {
  if (asked.length === 0) return Object.keys(rings);
  const needsBuild = asked.some((name) => rings[name].build);
  return Object.keys(rings).filter((name) => asked.includes(name) || (name === "build" && needsBuild));
}

async function runRing(name) {
  const { prepare, run, limit } = rings[name];
  say(`\n=== ${name}`);
  let started = Date.now();
  try {
    await prepare?.();
    // What is brought once is not the ring's own time.
    started = Date.now();
    const outcome = await run(limit);
    return { name, time: Date.now() - started, ...outcome };
  } catch (error) {
    say(error instanceof Plain ? error.message : String(/** @type {Error} */ (error)?.stack ?? error));
    return { name, time: Date.now() - started, passed: 0, failed: 1, skipped: 0, note: "could not run" };
  }
}

/** A script whose exit status is its outcome. */
function check(script) {
  return async (limit) => {
    const { code, note } = await node([path.join(root, script)], limit);
    return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0, note };
  };
}

/** A vitest project; its counts are read from the JSON report. */
function vitest(project) {
  return async (limit) => {
    const reportFile = path.join(testResults, `${project}.json`);
    fs.rmSync(reportFile, { force: true });
    const program = path.join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const { code, note } = await node([program, "run", "--project", project, "--passWithNoTests", ...reporters], limit);
    const counts = fs.existsSync(reportFile) ? JSON.parse(fs.readFileSync(reportFile, "utf8")) : undefined;
    const passed = counts?.numPassedTests ?? 0;
    const skipped = (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0);
    let failed = counts?.numFailedTests ?? 0;
    // A file that did not load, an error outside a test and a run cut short fail the ring too, without being tests.
    if (failed === 0 && code !== 0) return { passed, failed: 1, skipped, note: note ?? "failed outside a test" };
    if (passed + failed === 0) return { passed, failed: 1, skipped, note: "ran no tests" };
    return { passed, failed, skipped, note };
  };
}

/** Runs Node in a process group of its own, so that ending it takes its children with it. */
function node(args, limit) {
  return new Promise((resolve, reject) => {
    const grouped = process.platform !== "win32";
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      detached: grouped,
      env: testEnvironment(),
    });
    let note;
    const end = () => {
      if (grouped && child.pid) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    };
    const timer = setTimeout(() => {
      note = `ended after ${duration(limit)} without finishing`;
      end();
    }, limit);
    const interrupted = () => {
      end();
      process.exit(130);
    };
    process.once("SIGINT", interrupted);
    process.once("SIGTERM", interrupted);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", interrupted);
      resolve({ code: code ?? 1, note });
    });
  });
}

/** The environment without settings that would change what the tests see. */
function testEnvironment() {
  const environment = { ...process.env };
  for (const name of ["NODE_ENV", "NODE_OPTIONS", "FORCE_COLOR"]) delete environment[name];
  return environment;
}

function report(results, time) {
  say("");
  for (const { name, passed, failed, skipped, time: took, note } of results) {
    const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
      .filter(Boolean)
      .join(", ");
    say(
      `${failed > 0 ? "FAILED" : "ok    "}  ${name.padEnd(10)} ${duration(took).padStart(10)}  ${counts}${note ? ` (${note})` : ""}`,
    );
  }
  const sum = (key) => results.reduce((total, each) => total + each[key], 0);
  say(`        all        ${duration(time).padStart(10)}`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") > 0 ? 1 : 0;
}
