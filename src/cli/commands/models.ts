import path from "node:path";
import { fail } from "../../contract/errors";
import type { ModelEntry } from "../../contract/model";
import { UsageError, type Command } from "../command";
import { modelsFolder, specimenFile } from "../folders";
import { rememberModel, rememberedModels } from "../modelList";
import { table } from "../output";

export const models: Command = {
  name: "models",
  summary: "the models at hand: list, add a file, download one of the catalogue",
  usage: "list | add FILE | download ID",
  options: { folder: { type: "string", help: "where downloads are kept", value: "DIR" } },
  async run(context) {
    const [action = "list", argument] = context.positionals;
    const folder = path.resolve(context.options.text("folder") ?? modelsFolder());
    if (action === "list") return { models: await listModels(await catalogue(folder)) };
    if (argument === undefined) throw new UsageError(`models ${action} lacks its argument`);
    if (action === "add") {
      // Estimating reads the header, so that a file which is no model is refused here and not at first use.
      const caller = await context.bareEngine();
      const file = path.resolve(argument);
      await caller.call("estimate", { file, gpu: "off" }, { signal: context.signal });
      await rememberModel(file);
      return { added: file };
    }
    if (action === "download") {
      const entry = (await catalogue(folder)).find(({ id }) => id === argument);
      if (!entry?.uri)
        fail("badArgument", `'${argument}' is not in the catalogue`, { remedy: "see 'vitrine models list'" });
      const caller = await context.bareEngine();
      const { uri, sha256 } = entry;
      return caller.call(
        "download",
        { uri, folder, ...(sha256 ? { sha256 } : {}) },
        { signal: context.signal, onProgress: ({ received, total }) => context.progress(received, total, entry.name) },
      );
    }
    throw new UsageError(`models has no '${action}'`);

    async function catalogue(directory: string): Promise<ModelEntry[]> {
      const caller = await context.bareEngine();
      return (await caller.call("catalogue", { folder: directory }, { signal: context.signal })).models;
    }
  },
  table(result: { models?: ModelEntry[] }) {
    if (!result.models) return JSON.stringify(result);
    return table(
      ["id", "name", "MB", "licence", "file"],
      result.models.map((model) => [
        model.id,
        model.name,
        Math.round(model.size / 1e6),
        model.licence ?? "",
        model.file ?? "(not downloaded)",
      ]),
    );
  },
};

/** The catalogue, with the specimen and the files a person added. */
async function listModels(catalogue: ModelEntry[]): Promise<ModelEntry[]> {
  const known = new Set(catalogue.map(({ file }) => file));
  const added = (await rememberedModels()).filter(({ file }) => !known.has(file) && file !== specimenFile());
  const specimen = catalogue.some(({ kind }) => kind === "specimen") ? [] : await specimenEntry();
  return [...specimen, ...added, ...catalogue];
}

async function specimenEntry(): Promise<ModelEntry[]> {
  const { stat } = await import("node:fs/promises");
  const file = specimenFile();
  const { size } = await stat(file);
  return [{ id: "specimen", name: "Specimen", kind: "specimen", file, size, licence: "MIT" }];
}
