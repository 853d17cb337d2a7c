import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const run = promisify(execFile);
const installed = fs.readdirSync(inject("extensions")).find((name) => name.startsWith("vitrine.vitrine-")) ?? "";
const folder = path.join(inject("extensions"), installed);
const files = fs
  .readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => fs.statSync(path.join(folder, file)).isFile())
  .map((file) => file.replaceAll(path.sep, "/"));
// What others' packages and the installation itself brought is not ours.
const own = files.filter((file) => !file.includes("node_modules/") && file !== ".vsixmanifest");

test("the package holds every runtime, the specimen, the licence and the notices of others", () => {
  const wanted = [
    "dist/extension.js",
    "dist/engine.mjs",
    "dist/cli.js",
    "dist/webview/chat.js",
    "dist/webview/chat.css",
  ];
  const beside = [
    "specimen/specimen.gguf",
    "THIRD_PARTY_NOTICES.md",
    "package.nls.zh-cn.json",
    "l10n/bundle.l10n.zh-cn.json",
  ];
  expect([...wanted, ...beside].filter((file) => !files.includes(file))).toEqual([]);
  expect(own.filter((file) => /^licen[cs]e/i.test(file))).toHaveLength(1);
});

test("the bill of materials names every package that is copied beside the bundles", () => {
  const bill = JSON.parse(fs.readFileSync(path.join(folder, "sbom.cdx.json"), "utf8")) as {
    components: { name: string; version: string; hashes?: unknown[] }[];
  };
  const copied = files
    .map((file) => /^dist\/node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined);
  expect(copied.length).toBeGreaterThan(0);
  const named = bill.components.map((each) => each.name);
  expect(copied.filter((name) => !named.includes(name))).toEqual([]);
  expect(bill.components.filter((each) => !/^\d/.test(each.version) || !each.hashes)).toEqual([]);
});

test("the package holds no sources, tests, maps or sources of llama.cpp", () => {
  expect(own.filter((file) => /\.(tsx?|map)$|^(src|test|bench|scripts|webview-ui|samples|\.)/.test(file))).toEqual([]);
  expect(files.filter((file) => /\.d\.[cm]?ts$|gitRelease\.bundle|\.(c|cc|cpp|h|hpp)$/.test(file))).toEqual([]);
});

test("the package holds natives for this platform only", () => {
  const natives = files
    .map((file) => /node_modules\/(@node-llama-cpp|@koromix)\/([^/]+)/.exec(file)?.[2])
    .filter(Boolean);
  const here =
    { linux: "linux", darwin: "(mac|darwin)", win32: "win(32)?" }[process.platform as string] ?? process.platform;
  expect(natives.length).toBeGreaterThan(0);
  const expected = new RegExp(`^(koffi-)?${here}-${process.arch}(-|$)`);
  expect([...new Set(natives)].filter((name) => !expected.test(name ?? ""))).toEqual([]);
});

test("the command line inside the package answers", async () => {
  const { stdout } = await run(process.execPath, [
    path.join(folder, "dist", "cli.js"),
    "tokenize",
    "--text",
    "Hello",
    "--json",
  ]);
  const { tokens } = JSON.parse(stdout) as { tokens: { id: number; text: string }[] };
  expect(tokens.map((token) => token.text).join("")).toBe("Hello");
});
