// Starting other programs: output kept and shown only when something fails, or passed straight through.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Plain } from "./say.mjs";

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, allowFailure?: boolean }} [options]
 *   show: pass the output through instead of keeping it; allowFailure: return a non-zero status instead of throwing
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(program, args, { cwd, env, show = false, allowFailure = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: env ?? process.env,
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => reject(new Plain(`${program} could not be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      const status = code ?? 1;
      if (status === 0 || allowFailure) resolve({ code: status, output });
      else
        reject(
          new Plain(
            `${path.basename(program)} ${args.join(" ")}\nfailed (${signal ?? `exit ${status}`}):\n${output.slice(-8000)}`,
          ),
        );
    });
  });
}

/** The full path of the first of these programs that is on PATH, or undefined. */
export function onPath(...names) {
  const extensions = process.platform === "win32" ? [".exe", ".cmd", ".bat"] : [""];
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
      for (const extension of extensions) {
        const file = path.join(folder, name + extension);
        if (folder && fs.existsSync(file) && fs.statSync(file).isFile()) return file;
      }
    }
  }
  return undefined;
}
