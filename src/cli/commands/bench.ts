import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fail } from "../../contract/errors";
import { UsageError, type Command } from "../command";
import { installFolder } from "../folders";

export const bench: Command = {
  name: "bench",
  summary: "run a benchmark of the checkout; figures as a table, JSON in bench/results",
  usage: "NAME",
  options: {},
  async run(context) {
    const [name, ...rest] = context.positionals;
    if (name === undefined || !/^[a-zA-Z]+$/.test(name)) throw new UsageError("which benchmark? see bench/README.md");
    const root = installFolder();
    const file = path.join(root, "bench", `${name}.ts`);
    if (!existsSync(file)) {
      fail("fileMissing", `There is no benchmark '${name}' here`, {
        remedy: "run it in a checkout; see bench/README.md",
      });
    }
    const child = spawn(process.execPath, [path.join(root, "scripts", "ts.mjs"), file, ...rest], { stdio: "inherit" });
    const stop = () => child.kill("SIGINT");
    context.signal.addEventListener("abort", stop, { once: true });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", resolve);
    });
    context.signal.removeEventListener("abort", stop);
    if (code !== 0 && !context.signal.aborted) fail("internal", `The benchmark ended with status ${code}`);
    return undefined;
  },
};
