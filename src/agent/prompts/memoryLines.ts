/** Memories as a part of the system prompt; line breaks inside one are folded so that it stays one line. */
export function memoryBlock(memories: readonly string[]): string {
  if (memories.length === 0) return "";
  return ["You remember:", ...memories.map((line) => `- ${oneLine(line)}`)].join("\n");
}

/** Numbered from 1, for replies that point at a line. */
export function numbered(lines: readonly string[]): string {
  return lines.map((line, i) => `${i + 1}. ${oneLine(line)}`).join("\n");
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
