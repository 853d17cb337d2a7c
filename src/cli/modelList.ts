import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ModelEntry } from "../contract/model";
import { dataFolder } from "./folders";

const listFile = () => path.join(dataFolder(), "models.json");

/** Files a person added that are still there. A damaged list counts as empty: it only names files. */
export async function rememberedModels(): Promise<ModelEntry[]> {
  const entries = await Promise.all((await readList()).map(describe));
  return entries.filter((entry) => entry !== undefined);
}

export async function rememberModel(file: string): Promise<void> {
  const files = await readList();
  if (files.includes(file)) return;
  await mkdir(dataFolder(), { recursive: true });
  const draft = `${listFile()}.${process.pid}`;
  await writeFile(draft, JSON.stringify([...files, file], null, 2));
  await rename(draft, listFile());
}

async function readList(): Promise<string[]> {
  try {
    const value: unknown = JSON.parse(await readFile(listFile(), "utf8"));
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

async function describe(file: string): Promise<ModelEntry | undefined> {
  try {
    const { size } = await stat(file);
    return { id: file, name: path.basename(file, ".gguf"), kind: "file", file, size };
  } catch {
    return undefined;
  }
}
