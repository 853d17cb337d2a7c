import type { ToolSpec } from "../../../contract/chat";
import { fail } from "../../../contract/errors";
import { builtinTools } from "../../prompts/builtinTools";

/** The words of a built-in tool: one place has them, so that models are shown what they were trained on. */
export function builtinSpec(name: string): ToolSpec {
  const found = builtinTools.find((tool) => tool.name === name);
  if (!found) fail("internal", `There is no built-in tool ${name}.`);
  return found;
}
