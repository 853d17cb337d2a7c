import type { AttentionResult } from "../../contract/instruments";
import { UsageError, type Command } from "../command";
import { figure, table, visible } from "../output";
import { probeOptions, readProbe } from "../probe";

export const attention: Command = {
  name: "attention",
  summary: "where each head of a layer looks",
  usage: "--prompt TEXT | --chat FILE.json --layer L [--head H]",
  options: {
    ...probeOptions,
    layer: { type: "string", help: "the layer, from 0", value: "L" },
    head: { type: "string", help: "one head only", value: "H" },
  },
  async run(context) {
    const [layer, head] = [context.options.integer("layer"), context.options.integer("head")];
    if (layer === undefined) throw new UsageError("--layer is missing");
    const params = { ...(await readProbe(context)), layer, ...(head === undefined ? {} : { head }) };
    const { caller } = await context.engine();
    return caller.call("attention", params, { signal: context.signal });
  },
  table(result: AttentionResult) {
    // For each head, where the last token looks.
    const last = result.tokens.length - 1;
    const rows = result.heads.map(({ head, pattern, sink }) => {
      const weights = pattern[last] ?? [];
      const strongest = weights
        .map((weight, position) => ({ weight, position }))
        .sort((a, b) => b.weight - a.weight)
        .slice(0, 4)
        .map(({ weight, position }) => `${visible(result.tokens[position]?.text ?? "")} ${figure(weight)}`);
      return [head, figure(sink), strongest.join("  ")];
    });
    return table(["head", "on the first token", "the last token looks at"], rows);
  },
};
