import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { nativesOf, targets } from "../../../scripts/lib/trace.mjs";

interface Locked {
  version: string;
  os?: string[];
  cpu?: string[];
  integrity?: string;
}
const root = path.resolve(import.meta.dirname, "..", "..", "..");
const lock = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, Locked>;
};
const { version: llama } = lock.packages["node_modules/node-llama-cpp"] as Locked;

test("the four targets that are released can be packed", () => {
  expect(["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64"].filter((each) => !targets.includes(each))).toEqual(
    [],
  );
});

test.each(targets)("each native package of %s is locked, and is for that system and processor", (target) => {
  const [os, cpu] = target.split("-");
  const names = nativesOf(target);
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const locked = lock.packages[`node_modules/${name}`];
    expect(locked, name).toBeDefined();
    expect(locked?.integrity, name).toMatch(/^sha512-/);
    if (locked?.os) expect(locked.os, name).toContain(os);
    if (locked?.cpu) expect(locked.cpu, name).toContain(cpu);
  }
});

test.each(targets)("llama.cpp's library for %s is of the version that the struct layouts were made for", (target) => {
  const [own] = nativesOf(target);
  expect(lock.packages[`node_modules/${own}`]?.version).toBe(llama);
});
