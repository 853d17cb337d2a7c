import { Template } from "@huggingface/jinja";
import { createContext, Script } from "node:vm";

const sample = [
  { role: "system", content: "You are brief." },
  { role: "user", content: "What is the capital of France?" },
  { role: "assistant", content: "Paris." },
  { role: "user", content: "And of Norway?" },
];

export type Rendered = { text: string } | { problem: string };

/**
 * A chat template printed on a short conversation. The template is the file's and so a stranger's: it is given 300 ms, and what
 * it prints is cut at 20,000 characters.
 */
export function renderedSample(source: string, tokens: { bos?: string; eos?: string } = {}): Rendered {
  const run = () => {
    const template = new Template(source);
    const print = (messages: typeof sample) =>
      template.render({
        messages,
        add_generation_prompt: true,
        bos_token: tokens.bos ?? "",
        eos_token: tokens.eos ?? "",
      });
    try {
      return print(sample);
    } catch {
      // Templates without a place for a system message say so by failing.
      return print(sample.slice(1));
    }
  };
  try {
    const text = new Script("run()").runInContext(createContext({ run }), { timeout: 300 }) as string;
    return { text: text.slice(0, 20_000) };
  } catch (thrown) {
    // An error of the other context is not an instance of this one's Error.
    const message = (thrown as { message?: unknown } | null)?.message;
    return { problem: typeof message === "string" ? message : String(thrown) };
  }
}
