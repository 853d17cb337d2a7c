import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/paths.mjs";

interface Manifest {
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  contributes: {
    commands?: { command: string }[];
    configuration?: Section | Section[];
    walkthroughs?: { id: string; steps: { id: string; completionEvents?: string[] }[] }[];
    menus?: Record<string, { command?: string }[]>;
    keybindings?: { command: string }[];
  };
}

interface Section {
  properties: Record<string, unknown>;
}

const text = read("package.json");
const manifest = JSON.parse(text) as Manifest;
const english = JSON.parse(read("package.nls.json")) as Record<string, string>;
const chinese = JSON.parse(read("package.nls.zh-cn.json")) as Record<string, string>;
const host = sources("src/host");
const commands = (manifest.contributes.commands ?? []).map((each) => each.command);

test("every command of package.json is registered in the host, and named once", () => {
  expect(commands.length).toBeGreaterThan(0);
  expect(new Set(commands).size).toBe(commands.length);
  // That they really are registered in a running VS Code is asked by test/product/host/commands.test.ts.
  expect(commands.filter((command) => !mentions(command))).toEqual([]);
});

test("menus, key bindings and the walkthrough name commands that exist", () => {
  const { menus = {}, keybindings = [], walkthroughs = [] } = manifest.contributes;
  const inMenus = Object.values(menus)
    .flat()
    .map((item) => item.command);
  const inEvents = walkthroughs.flatMap(({ steps }) =>
    steps.flatMap(({ completionEvents = [] }) => completionEvents.map((event) => /^onCommand:(.*)/.exec(event)?.[1])),
  );
  const named = [...inMenus, ...keybindings.map((each) => each.command), ...inEvents];
  const own = named.filter((command) => command?.startsWith("vitrine."));
  expect(own.filter((command) => command && !commands.includes(command))).toEqual([]);
});

test("every setting of package.json is read in the host", () => {
  const { configuration = [] } = manifest.contributes;
  const sections = Array.isArray(configuration) ? configuration : [configuration];
  const settings = sections.flatMap((section) => Object.keys(section.properties));
  expect(settings.length).toBeGreaterThan(0);
  expect(settings.filter((name) => !mentions(name) && !mentions(name.replace(/^vitrine\./, "")))).toEqual([]);
});

test("every %key% of package.json has its text in English and Chinese, and no text is left over", () => {
  const keys = [...text.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]).sort();
  expect(keys.length).toBeGreaterThan(0);
  expect(Object.keys(english).sort()).toEqual([...new Set(keys)]);
  expect(Object.keys(chinese).sort()).toEqual([...new Set(keys)]);
  for (const strings of [english, chinese])
    expect(Object.values(strings).filter((each) => each.trim() === "")).toEqual([]);
});

test("every text of the host has a Chinese translation with the same places to fill", () => {
  const bundle = JSON.parse(read("l10n/bundle.l10n.zh-cn.json")) as Record<string, string>;
  const calls = [...host.matchAll(/l10n\.t\(\s*("(?:[^"\\]|\\.)*")/g)];
  const said = calls.map((match) => JSON.parse(match[1] ?? "") as string);
  expect(said.length).toBeGreaterThan(0);
  expect(said.filter((each) => !bundle[each])).toEqual([]);
  const places = (each: string) => [...each.matchAll(/\{[^}]*\}/g)].map(([place]) => place).sort();
  expect(Object.entries(bundle).filter(([from, to]) => places(from).join() !== places(to).join())).toEqual([]);
});

test("every file that package.json names is there", () => {
  const files = [...text.matchAll(/"((?:\.\/)?(?:media|specimen|l10n)(?:\/[^"]*)?)"/g)].map((match) => match[1] ?? "");
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !fs.existsSync(path.join(root, file)))).toEqual([]);
});

test("the API of VS Code that is compiled against is the oldest one promised", () => {
  expect(manifest.devDependencies["@types/vscode"]).toBe(manifest.engines.vscode.replace("^", "~"));
});

test("the unmaintained toolkit is imported in one file", () => {
  const importing = files("webview-ui").filter((file) => /from "@vscode\/webview-ui-toolkit/.test(read(file)));
  expect(importing.length).toBeLessThanOrEqual(1);
});

function mentions(name: string): boolean {
  return host.includes(`"${name}"`) || host.includes(`\`${name}\``);
}

function sources(folder: string): string {
  return files(folder).map(read).join("\n");
}

function files(folder: string): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true })
    .map((file) => path.join(folder, String(file)))
    .filter((file) => /\.tsx?$/.test(file));
}

function read(file: string): string {
  return fs.readFileSync(path.join(root, file), "utf8");
}
