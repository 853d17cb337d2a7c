// ESLint and Prettier over the whole repository: node scripts/lint.mjs [paths for ESLint]
import path from "node:path";
import { root } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { main } from "./lib/say.mjs";

main(async () => {
  const paths = process.argv.slice(2);
  const eslint = path.join(root, "node_modules", "eslint", "bin", "eslint.js");
  const prettier = path.join(root, "node_modules", "prettier", "bin", "prettier.cjs");
  const linted = await run(process.execPath, [eslint, "--max-warnings=0", ...(paths.length > 0 ? paths : ["."])], {
    cwd: root,
    show: true,
    allowFailure: true,
  });
  const formatted = await run(
    process.execPath,
    [prettier, "--check", "--log-level=warn", "--cache", "--cache-location=.cache/prettier", "."],
    {
      cwd: root,
      show: true,
      allowFailure: true,
    },
  );
  return linted.code || formatted.code;
});
