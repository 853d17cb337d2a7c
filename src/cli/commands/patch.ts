import type { PatchResult } from "../../contract/acting";
import { allSites } from "../../contract/sites";
import type { Command, CommandContext } from "../command";
import { table } from "../output";
import { watched } from "../subcommands";

export const patch: Command = {
  name: "patch",
  summary: "activation patching: states of a clean run put into a corrupt one, place by place",
  usage: "--clean P --corrupt P --target TEXT --foil TEXT",
  options: {
    clean: { type: "string", help: "the prompt with the right answer", value: "TEXT" },
    corrupt: { type: "string", help: "the same with another subject, as many tokens", value: "TEXT" },
    target: { type: "string", help: "the clean answer's token", value: "TEXT" },
    foil: { type: "string", help: "the corrupt answer's token", value: "TEXT" },
    site: { type: "string", help: "resid_post (the default), attn_out, mlp_out, ...", value: "SITE" },
    heads: { type: "boolean", help: "a row a head" },
  },
  async run(context) {
    const { options } = context;
    const params = {
      clean: prompt(context, "clean"),
      corrupt: prompt(context, "corrupt"),
      target: options.required("target"),
      foil: options.required("foil"),
      site: options.choice("site", allSites) ?? ("resid_post" as const),
      ...(options.flag("heads") ? { heads: true } : {}),
    };
    const { caller } = await context.engine();
    return caller.call("patch", params, watched(context));
  },
  table: restoredTable,
};

function prompt(context: CommandContext, name: string) {
  return { kind: "prompt" as const, text: context.options.required(name) };
}

/** Rows by layer (and head), columns by position; 0 is the corrupt run, 1 the clean one. */
export function restoredTable(result: PatchResult): string {
  const header = ["", ...result.positions.map((position) => result.tokens.clean[position]?.text ?? String(position))];
  const rows = result.rows.map(({ layer, head }, r) => [
    head === undefined ? `${result.site} ${layer}` : `${result.site} ${layer}.${head}`,
    ...result.restored[r]!.map((value) => value.toFixed(2)),
  ]);
  return `${table(header, rows)}\n\n0 = corrupt (${result.corrupt.toFixed(3)}), 1 = clean (${result.clean.toFixed(3)})`;
}
