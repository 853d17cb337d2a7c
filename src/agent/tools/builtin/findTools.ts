import { fail } from "../../../contract/errors";
import { cleanText } from "../output";
import type { ToolRegistry } from "../registry";
import type { ToolSelector } from "../selection/selector";
import { pure, textArgument, type Tool } from "../tool";
import { builtinSpec } from "./spec";

/** Lets the model ask for tools that were not offered; what is found is offered from the next step on. */
export function findTools(registry: ToolRegistry, selector: ToolSelector): Tool {
  return {
    ...builtinSpec("find_tools"),
    source: "builtin",
    effects: [],
    prepare: (args, { run }) => {
      const query = textArgument(args, "query").trim();
      if (query === "") fail("badArgument", "Say what the tool should do.");
      return Promise.resolve(
        pure(`Find tools for ${JSON.stringify(query.slice(0, 80))}`, async () => {
          const found = (await selector.search(query, 6)).flatMap(({ name }) => registry.get(name) ?? []);
          selector.keep(
            run,
            found.map(({ name }) => name),
          );
          const lines = found.map(({ name, description, parameters }) => {
            const names = Object.keys(parameters.properties ?? {}).join(", ");
            return `${name}(${names}): ${cleanText(description).replace(/\s+/g, " ").slice(0, 160)}`;
          });
          return { text: lines.join("\n") || "No tool was found for that. Make one, or answer without." };
        }),
      );
    },
  };
}
