import type { AttributionResult } from "../../contract/instruments";
import type { Command } from "../command";
import { figure, table } from "../output";
import { probeOptions, readProbe } from "../probe";

export const attribution: Command = {
  name: "attribution",
  summary: "split a token's logit over embedding, heads and MLPs (direct logit attribution)",
  usage: "--prompt TEXT | --chat FILE.json --target TEXT [--foil TEXT]",
  options: {
    ...probeOptions,
    position: { type: "string", help: "which token, -1 (the default) is the last", value: "N" },
    target: { type: "string", help: "the token whose logit is split", value: "TEXT" },
    foil: { type: "string", help: "split the difference to this token's", value: "TEXT" },
  },
  async run(context) {
    const foil = context.options.text("foil");
    const params = {
      target: context.options.required("target"),
      ...(foil === undefined ? {} : { foil }),
      ...(await readProbe(context)),
      position: context.options.integer("position") ?? -1,
    };
    const { caller } = await context.engine();
    return caller.call("attribution", params, { signal: context.signal });
  },
  table(result: AttributionResult) {
    const parts = [...result.parts].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, 30);
    const name = (part: (typeof parts)[number]) =>
      [part.kind, part.layer, part.head].filter((piece) => piece !== undefined).join(".");
    const rows = parts.map((part) => [name(part), part.contribution]);
    const sums = `logit ${figure(result.logit)}, sum of parts ${figure(result.sum)}, remainder ${figure(result.remainder)}`;
    return `${table(["part", "contribution (logits)"], rows)}\n\n${sums} (final norm's scale frozen)`;
  },
};
