import { spawn } from "node:child_process";
import { fail } from "../../contract/errors";
import type { CommandPort, CommandResult } from "../../contract/tool";

/** Variables a command inherits. Keys and tokens of the editor's environment stay with the editor. */
const inherited = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_ALL",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  "ComSpec",
  "PATHEXT",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
  "ProgramFiles",
  "NUMBER_OF_PROCESSORS",
  "OS",
];
/** So that nothing pages, asks or starts helpers that a repository names (CVE-2026-55607: git's fsmonitor). */
const fixed: Record<string, string> = {
  CI: "1",
  NO_COLOR: "1",
  TERM: "dumb",
  PAGER: "cat",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "core.fsmonitor",
  GIT_CONFIG_VALUE_0: "false",
  GIT_CONFIG_KEY_1: "core.hooksPath",
  GIT_CONFIG_VALUE_1: "/dev/null",
};

/** Runs command lines in `folder` with the system's shell, no input, an environment of our own, and limits. */
export function nodeCommand(folder: string): CommandPort {
  return {
    folder,
    run: (command, { timeoutMs, limit, signal }) => {
      if (signal.aborted) fail("cancelled", "Cancelled.");
      return execute(command, folder, timeoutMs, limit, signal);
    },
  };
}

function environment(): NodeJS.ProcessEnv {
  const kept = inherited.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return { ...Object.fromEntries(kept), ...fixed };
}

function execute(
  command: string,
  cwd: string,
  timeoutMs: number,
  limit: number,
  signal: AbortSignal,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const windows = process.platform === "win32";
    // A group of its own, so that what the command starts ends with it.
    const child = spawn(command, {
      shell: true,
      cwd,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: !windows,
      windowsHide: true,
    });
    const parts: Buffer[] = [];
    let kept = 0;
    let dropped = 0;
    let timedOut = false;
    const end = (): void => {
      if (child.pid === undefined) return;
      try {
        if (windows) spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" });
        else process.kill(-child.pid, "SIGKILL");
      } catch (error) {
        // It ended by itself between the two.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    const take = (part: Buffer): void => {
      const room = Math.max(0, limit - kept);
      if (room > 0) parts.push(part.subarray(0, room));
      kept += Math.min(room, part.length);
      dropped += Math.max(0, part.length - room);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    signal.addEventListener("abort", end, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    };
    child.once("error", (error) => {
      done();
      reject(error);
    });
    child.once("close", (exit) => {
      done();
      resolve({ exit, output: Buffer.concat(parts).toString("utf8"), dropped, timedOut });
    });
  });
}
