import type { Token } from "../../contract/token";
import type { Command } from "../command";
import { table } from "../output";

export const tokenize: Command = {
  name: "tokenize",
  summary: "the tokens of a text",
  usage: "--text TEXT",
  options: {
    text: { type: "string", help: "the text", value: "TEXT" },
    special: { type: "boolean", help: "read control tokens such as <|im_end|> as themselves, not as text" },
  },
  async run(context) {
    const text = context.options.required("text");
    const { caller } = await context.engine();
    return caller.call("tokenize", { text, special: context.options.flag("special") }, { signal: context.signal });
  },
  table(result: { tokens: Token[] }) {
    return table(
      ["id", "text"],
      result.tokens.map((token) => [token.id, token.bytes ? `bytes ${token.bytes.join(" ")}` : token.text]),
    );
  },
};
