import type { ModelInfo } from "../../contract/model";
import type { Command } from "../command";

export const info: Command = {
  name: "info",
  summary: "what the model is",
  usage: "",
  options: {},
  async run(context) {
    return (await context.engine()).info;
  },
  table(result: ModelInfo) {
    const shown = { ...result, chatTemplate: `${result.chatTemplate.length} characters`, size: `${result.size} bytes` };
    return Object.entries(shown)
      .map(([key, value]) => `${key.padEnd(16)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
      .join("\n");
  },
};
