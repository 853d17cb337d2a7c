import path from "node:path";
import type { ModelInfo } from "../../contract/model";
import { textIn } from "../llama/gguf";
import { fingerprint } from "../llama/model";
import type { Door } from "../llama/door";
import type { Session } from "./session";
import { marksOf } from "./thinking";

/** The card of a loaded model. */
export function describeModel(session: Session, door: Door): ModelInfo {
  const { model, sites, options } = session;
  const { gguf } = model;
  const metadata: Record<string, string> = {};
  for (const [key, value] of gguf.metadata) {
    if (key.startsWith("vitrine.") && typeof value !== "object") metadata[key] = String(value);
  }
  return {
    file: gguf.file,
    name: textIn(gguf, "general.name") ?? path.basename(gguf.file, ".gguf"),
    architecture: model.architecture,
    parameters: model.parameters,
    layers: model.layers,
    embedding: model.embedding,
    heads: model.heads,
    kvHeads: model.kvHeads,
    neurons: model.neurons,
    experts: model.experts,
    vocabulary: model.vocabulary.size,
    context: options.context,
    trainedContext: model.trainedContext,
    quantisation: model.quantisation,
    size: model.size,
    chatTemplate: model.chatTemplate,
    thinks: marksOf(model.chatTemplate) !== undefined,
    fingerprint: fingerprint(gguf),
    llamaVersion: door.version,
    devices: usedDevices(door, options.cpuOnly),
    threads: session.threads(),
    sites: sites.known,
    missingSites: sites.missing,
    metadata,
  };
}

function usedDevices(door: Door, cpuOnly: boolean): string[] {
  return door.devices
    .filter(({ kind }) => kind === "cpu" || (kind === "gpu" && !cpuOnly))
    .map(({ name, description }) => (description && description !== name ? `${name} (${description})` : name));
}
