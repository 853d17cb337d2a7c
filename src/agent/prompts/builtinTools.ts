import type { ToolSpec } from "../../contract/chat";
import type { JsonSchema } from "../../contract/json";

function tool(
  name: string,
  description: string,
  properties: Record<string, JsonSchema>,
  required?: string[],
): ToolSpec {
  return {
    name,
    description,
    parameters: { type: "object", properties, required: required ?? Object.keys(properties) },
  };
}

const text = (description: string): JsonSchema => ({ type: "string", description });

/** The agent's own tools as a model sees them. What they do is in `src/agent/tools/builtin`. */
export const builtinTools: readonly ToolSpec[] = [
  tool("list_files", "List the files of a folder.", { path: text("folder") }),
  tool("read_file", "Read a file.", { path: text("file") }),
  tool("search_files", "Search the files for a text.", { query: text("text to find") }),
  tool("write_file", "Write a file.", { path: text("file"), content: text("the whole new content") }),
  tool("patch_file", "Replace a text in a file.", {
    path: text("file"),
    old: text("text to replace"),
    new: text("new text"),
  }),
  tool("run_command", "Run a command in the terminal.", { command: text("command line") }),
  tool("fetch_url", "Fetch a web page as text.", { url: text("address") }),
  tool("ask_model", "Ask another model.", { question: text("question") }),
  tool("diagnostics", "List the problems that the editor shows for a file.", { path: text("file") }),
  tool("symbols", "Find functions and classes by name.", { query: text("name") }),
  tool("recall", "Search your memory.", { query: text("what to look for") }),
  tool("remember", "Keep a sentence in memory.", { text: text("one sentence") }),
  tool("find_tools", "Find more tools for a task.", { query: text("what the tool should do") }),
  tool("make_tool", "Make a new tool when none fits.", { request: text("what the tool should do") }),
];
