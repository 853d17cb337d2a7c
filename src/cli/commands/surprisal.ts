import type { SurprisalResult } from "../../contract/instruments";
import { UsageError, type Command } from "../command";
import { readText } from "../inputs";
import { figure, table } from "../output";

export const surprisal: Command = {
  name: "surprisal",
  summary: "how unexpected each token of a text is",
  usage: "--file FILE | --text TEXT",
  options: {
    file: { type: "string", help: "a text file", value: "FILE" },
    text: { type: "string", help: "the text", value: "TEXT" },
    top: { type: "string", help: "alternatives a token (0)", value: "K" },
  },
  async run(context) {
    const { options } = context;
    const [file, text] = [options.text("file"), options.text("text")];
    if ((file === undefined) === (text === undefined)) throw new UsageError("give either --file or --text");
    const params = { text: text ?? (await readText(file as string)), top: options.integer("top") ?? 0 };
    const { caller } = await context.engine();
    return caller.call("surprisal", params, {
      signal: context.signal,
      onProgress: ({ done, total }) => context.progress(done, total, "reading"),
    });
  },
  table(result: SurprisalResult) {
    const rows = result.tokens.map((token) => [
      token.text,
      token.surprisal === null ? "" : figure(token.surprisal),
      token.entropy === null ? "" : figure(token.entropy),
      token.rank === null ? "" : String(token.rank),
    ]);
    return `${table(["token", "surprisal (nats)", "entropy (nats)", "rank"], rows)}\n\nperplexity ${figure(result.perplexity)}`;
  },
};
