import type { LensResult } from "../../contract/instruments";
import type { Site, SiteAt } from "../../contract/sites";
import { UsageError, type Command } from "../command";
import { figure, table, visible } from "../output";
import { probeOptions, readProbe } from "../probe";

const lensSites: Site[] = ["embed", "resid_mid", "resid_post"];

export const lens: Command = {
  name: "lens",
  summary: "what each layer would say next (logit lens)",
  usage: "--prompt TEXT | --chat FILE.json",
  options: {
    ...probeOptions,
    top: { type: "string", help: "tokens a cell (5)", value: "K" },
    sites: { type: "string", help: "embed,resid_mid,resid_post (the default)", value: "LIST" },
    target: { type: "string", help: "follow this token's probability and rank", value: "TEXT" },
    tuned: { type: "string", help: "a tuned lens made by 'lens-fit'", value: "FILE" },
  },
  async run(context) {
    const { options } = context;
    const [target, tuned] = [options.text("target"), options.text("tuned")];
    const params = {
      ...(await readProbe(context)),
      top: options.integer("top") ?? 5,
      sites: readSites(options.text("sites")),
      ...(target === undefined ? {} : { target }),
      ...(tuned === undefined ? {} : { tuned }),
    };
    const { caller } = await context.engine();
    return caller.call("lens", params, {
      signal: context.signal,
      onProgress: ({ fraction }) => context.progress(fraction, 1, "looking through the layers"),
    });
  },
  table(result: LensResult) {
    // The last position, where the next token is decided; the whole grid is in the JSON.
    const last = result.tokens.length - 1;
    const rows = result.rows.map((row, index) => {
      const cell = result.cells[index]?.[last];
      const [first] = cell?.top ?? [];
      return [
        siteName(row),
        first ? visible(first.text) : "",
        first ? figure(first.p) : "",
        figure(cell?.entropy ?? 0),
        figure(cell?.kl ?? 0),
        result.target && cell ? `${figure(cell.p)} (rank ${cell.rank})` : "",
      ];
    });
    return table(
      ["site", "says", "p", "entropy (nats)", "KL (nats)", result.target ? `p(${result.target.text})` : ""],
      rows,
    );
  },
};

export function siteName({ site, layer }: SiteAt): string {
  return layer === undefined ? site : `${site}.${layer}`;
}

function readSites(text: string | undefined): Site[] {
  if (text === undefined) return lensSites;
  return text.split(",").map((name) => {
    const site = lensSites.find((known) => known === name.trim());
    if (!site) throw new UsageError(`--sites knows ${lensSites.join(", ")}, not '${name}'`);
    return site;
  });
}
