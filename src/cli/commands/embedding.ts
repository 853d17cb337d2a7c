import type { EmbeddingResult } from "../../contract/instruments";
import { UsageError, type Command } from "../command";
import { figure, table, visible } from "../output";

export const embedding: Command = {
  name: "embedding",
  summary: "a token's nearest neighbours, or those of an expression",
  usage: 'TOKEN | --expression "king - man + woman"',
  options: {
    expression: { type: "string", help: "tokens added and subtracted", value: "TEXT" },
    count: { type: "string", help: "neighbours (10)", value: "N" },
  },
  async run(context) {
    const expression = context.options.text("expression");
    const [token] = context.positionals;
    if ((token === undefined) === (expression === undefined))
      throw new UsageError("give either a token or --expression");
    const count = context.options.integer("count") ?? 10;
    const { caller } = await context.engine();
    const params = expression === undefined ? { token: token as string, count } : { expression, count };
    return caller.call("embedding", params, { signal: context.signal });
  },
  table(result: EmbeddingResult) {
    const rows = result.input.map((near, index) => {
      const out = result.output[index];
      return [visible(near.text), figure(near.cosine), out ? visible(out.text) : "", out ? figure(out.cosine) : ""];
    });
    return table(["input table", "cosine", "output table", "cosine"], rows);
  },
};
