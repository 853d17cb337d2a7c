import { defineConfig } from "vitest/config";

// One project a ring; `npm test` runs them one after the other, because the engine and the browser rings each want the whole machine.
const seconds = 1000;

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    projects: [
      {
        extends: true,
        // Outside VS Code there is no such module.
        resolve: { alias: { vscode: new URL("test/unit/host/fakeVscode.ts", import.meta.url).pathname } },
        test: { name: "unit", include: ["test/unit/**/*.test.{ts,tsx}"], testTimeout: 20 * seconds },
      },
      {
        extends: true,
        // The Trace's prompts are held against the engine's own.
        resolve: { alias: { vscode: new URL("test/unit/host/fakeVscode.ts", import.meta.url).pathname } },
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          testTimeout: 120 * seconds,
          hookTimeout: 120 * seconds,
          // llama.cpp's threads spin: two test files at once would slow each other down many times over.
          fileParallelism: false,
          pool: "forks",
        },
      },
      {
        extends: true,
        test: {
          name: "view",
          include: ["test/view/**/*.test.{ts,tsx}"],
          testTimeout: 60 * seconds,
          hookTimeout: 60 * seconds,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "product",
          globalSetup: ["test/product/globalSetup.ts"],
          include: ["test/product/**/*.spec.ts"],
          testTimeout: 300 * seconds,
          hookTimeout: 300 * seconds,
          fileParallelism: false,
          pool: "forks",
        },
      },
    ],
  },
});
