import type { JsonSchema } from "../../contract/json";
import type { ArgumentType, ForgeSpec } from "./forge";
import { oneLine } from "./memoryLines";
import { spacedJson } from "./spacedJson";

/**
 * A forged tool as the one file that a person reads: `.vitrine/tools/<name>.ts`. The comment is its description, the
 * exports are its contract, `examples` are its tests. The order fixes all but `run`, so a model writes only that.
 */
export function toolFile(spec: ForgeSpec, code: string, effects: readonly string[] = []): string {
  const examples = spec.examples.map(
    (one) => `  { arguments: ${spacedJson(one.arguments)}, result: ${spacedJson(one.result)} },`,
  );
  return [
    `/** ${oneLine(spec.description).replaceAll("*/", "* /")} */`,
    code.trim(),
    "",
    `export const parameters = ${spacedJson(parametersSchema(spec.parameters))};`,
    "",
    `export const effects = ${spacedJson(effects)};`,
    "",
    "export const examples = [",
    ...examples,
    "];",
    "",
  ].join("\n");
}

const schemas: Record<ArgumentType, JsonSchema> = {
  string: { type: "string" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  "string[]": { type: "array", items: { type: "string" } },
  "number[]": { type: "array", items: { type: "number" } },
};

/** The JSON Schema of a tool's arguments; all are required. */
export function parametersSchema(parameters: Record<string, ArgumentType>): JsonSchema {
  const properties = Object.fromEntries(Object.entries(parameters).map(([name, type]) => [name, schemas[type]]));
  return { type: "object", properties, required: Object.keys(parameters) };
}
