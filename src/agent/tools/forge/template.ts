import { fileOf } from "./maker";

const code = `export function run({ text }: { text: string }) {
  return text.split(/\\s+/).filter(Boolean).length;
}`;

/** The file that a person's new tool begins with: small, and passing its checks, so that every change shows its effect. */
export function newToolFile(name: string): string {
  return fileOf(
    {
      name,
      description: "Counts the words of a text.",
      parameters: { text: "string" },
      examples: [
        { arguments: { text: "to be or not" }, result: 4 },
        { arguments: { text: " spaced   out " }, result: 2 },
        { arguments: { text: "" }, result: 0 },
      ],
    },
    code,
  );
}
