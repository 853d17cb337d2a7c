import MarkdownIt from "markdown-it";

/** The parser's own inline state, reached through an instance: the package exports it as a value there only. */
export const StateInline = new MarkdownIt().inline.State;
