import { allSites } from "../../contract/sites";
import type { Command } from "../command";
import { inputOptions, readInput } from "../inputs";
import { watched } from "../subcommands";
import { restoredTable } from "./patch";

export const trace: Command = {
  name: "trace",
  summary: "causal tracing: the subject noised, one state at a time restored",
  usage: "--prompt P --subject S --target TEXT",
  options: {
    ...inputOptions,
    subject: { type: "string", help: "text within the prompt", value: "TEXT" },
    target: { type: "string", help: "the answer's token", value: "TEXT" },
    site: { type: "string", help: "resid_post (the default), mlp_out or attn_out", value: "SITE" },
    noise: { type: "string", help: "in standard deviations of the embeddings (3)", value: "X" },
    samples: { type: "string", help: "noise samples (6)", value: "N" },
    window: { type: "string", help: "layers restored together (1)", value: "N" },
  },
  async run(context) {
    const { options } = context;
    const optional = {
      noise: options.number("noise"),
      samples: options.integer("samples"),
      window: options.integer("window"),
      seed: options.integer("seed"),
    };
    const params = {
      input: await readInput(context),
      subject: options.required("subject"),
      target: options.required("target"),
      site: options.choice("site", allSites) ?? ("resid_post" as const),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    };
    const { caller } = await context.engine();
    return caller.call("trace", params, watched(context));
  },
  table: restoredTable,
};
