import { fail } from "../../../contract/errors";
import type { Brain } from "../../../contract/brain";
import type { MemoryPort } from "../../../contract/agent";
import type { EditorPort, FilesPort } from "../../../contract/tool";
import { cleanText } from "../output";
import { resolvePath } from "../paths";
import { pure, textArgument, type Tool } from "../tool";
import { builtinSpec } from "./spec";

/** Asks another model; one that is not on this machine hears the question, so it counts as network. */
export function askModelTool(other: Brain): Tool {
  return {
    ...builtinSpec("ask_model"),
    source: "builtin",
    effects: other.local ? [] : ["network"],
    prepare: (args, { signal }) => {
      const question = textArgument(args, "question").trim();
      if (question === "") fail("badArgument", "The question is empty.");
      return Promise.resolve({
        effects: other.local ? [] : ["network"],
        target: { kind: "text", text: other.name },
        summary: `Ask ${other.name}: ${question.slice(0, 200)}`,
        reversal: "none",
        act: async () => {
          const reply = await other.reply({ messages: [{ role: "user", content: question }], max: 1_024 }, { signal });
          return { text: cleanText(reply.text) || "It answered nothing.", failed: reply.text === "", taint: "model" };
        },
      });
    },
  };
}

export function editorTools(editor: EditorPort, files: FilesPort): Tool[] {
  return [
    {
      ...builtinSpec("diagnostics"),
      source: "builtin",
      effects: ["read"],
      prepare: async (args) => {
        const where = await resolvePath(files, textArgument(args, "path"));
        return {
          effects: ["read"],
          target: { kind: "path", path: where.path, shown: where.shown },
          summary: `List the problems of ${where.shown}`,
          reversal: "none",
          act: async () => {
            const found = await editor.diagnostics(where.path);
            return {
              text: cleanText(found.slice(0, 100).join("\n")) || `${where.shown} has no problems.`,
              taint: "file",
            };
          },
        };
      },
    },
    {
      ...builtinSpec("symbols"),
      source: "builtin",
      effects: ["read"],
      prepare: (args) => {
        const query = textArgument(args, "query");
        return Promise.resolve({
          effects: ["read"],
          target: { kind: "text", text: "symbols" },
          summary: `Find ${JSON.stringify(query.slice(0, 80))} by name`,
          reversal: "none",
          act: async () => {
            const found = (await editor.symbols(query)).slice(0, 60);
            const lines = found.map(({ name, kind, path, line }) => `${kind} ${name} ${path}:${line}`);
            return { text: cleanText(lines.join("\n")) || "Nothing is called so.", taint: "file" };
          },
        });
      },
    },
  ];
}

/** Memory as tools. What is remembered after reading a page or a file keeps that as its origin (`taintOf`). */
export function memoryTools(memory: MemoryPort, taintOf: (run: string) => string | undefined): Tool[] {
  return [
    {
      ...builtinSpec("recall"),
      source: "builtin",
      effects: [],
      prepare: (args, { signal }) => {
        const query = textArgument(args, "query");
        return Promise.resolve(
          pure(`Search memory for ${JSON.stringify(query.slice(0, 80))}`, async () => {
            const found = await memory.search(query, 8, signal);
            const outside = found.some(({ taint }) => taint !== undefined);
            return {
              text: cleanText(found.map(({ text }) => `- ${text}`).join("\n")) || "Nothing is remembered of that.",
              ...(outside ? { taint: "tool" as const } : {}),
            };
          }),
        );
      },
    },
    {
      ...builtinSpec("remember"),
      source: "builtin",
      effects: ["write"],
      prepare: (args, { run, signal }) => {
        const text = cleanText(textArgument(args, "text")).replace(/\s+/g, " ").trim();
        if (text === "") fail("badArgument", "There is nothing to remember.");
        if (text.length > 1_000)
          fail("badArgument", "That is too long for a memory.", { remedy: "Say it in one sentence." });
        const taint = taintOf(run);
        return Promise.resolve({
          effects: ["write"],
          target: { kind: "text", text },
          summary: `Remember: ${text}${taint ? ` (from a ${taint})` : ""}`,
          reversal: "no",
          act: async () => {
            const { kept, why, pending } = await memory.remember(text, taint, signal, { run });
            return { text: kept ? "Kept." : pending ? "The user is asked whether to keep it." : `Not kept: ${why}` };
          },
        });
      },
    },
  ];
}
