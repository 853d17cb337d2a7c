import type { BlockEffect, LayersResult } from "../../contract/instruments";
import type { Command } from "../command";
import { figure, table, visible } from "../output";
import { probeOptions, readProbe } from "../probe";

export const layers: Command = {
  name: "layers",
  summary: "what each attention and MLP block adds: before against after",
  usage: "--prompt TEXT | --chat FILE.json [--position N]",
  options: {
    ...probeOptions,
    position: { type: "string", help: "which token, -1 (the default) is the last", value: "N" },
    top: { type: "string", help: "tokens promoted and suppressed a block (10)", value: "K" },
  },
  async run(context) {
    const params = {
      ...(await readProbe(context)),
      position: context.options.integer("position") ?? -1,
      top: context.options.integer("top") ?? 10,
    };
    const { caller } = await context.engine();
    return caller.call("layers", params, { signal: context.signal });
  },
  table(result: LayersResult) {
    const rows = result.layers.flatMap(({ layer, attn, mlp }) => [
      row(layer, "attention", attn),
      row(layer, "MLP", mlp),
    ]);
    return table(["layer", "block", "KL (nats)", "promotes", "suppresses"], rows);
  },
};

function row(layer: number, name: string, effect: BlockEffect | undefined): (string | number)[] {
  const words = (list: { text: string }[] = []) =>
    list
      .slice(0, 5)
      .map(({ text }) => visible(text))
      .join(" ");
  return [layer, name, effect ? figure(effect.kl) : "", words(effect?.promoted), words(effect?.suppressed)];
}
