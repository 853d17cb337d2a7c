/** A page cut where something other than text stands: a picture, or a step that can be run. */
export type Part =
  | { kind: "text"; text: string }
  | { kind: "picture"; name: string; alt: string }
  | { kind: "step"; step: number; label: string };

const line =
  /^!\[([^\]]*)\]\((?:\.\.\/)?pictures\/([a-z0-9-]+\.png)\)\s*$|^\d+\. \[([^\]]+)\]\(vscode:\/\/vitrine\.vitrine\/labs\/[a-z-]+\/(\d+)\)\s*$/;
const numbers = /<!--\/?n(?: [\w.-]+)?-->/g;

/** The parts of a lab's page in order. Marks of measured numbers, which only the docs' script reads, are taken out. */
export function partsOf(page: string): Part[] {
  const parts: Part[] = [];
  let text: string[] = [];
  const flush = (): void => {
    const whole = text.join("\n").trim();
    if (whole !== "") parts.push({ kind: "text", text: whole });
    text = [];
  };
  for (const each of page.replace(numbers, "").split("\n")) {
    const found = line.exec(each);
    if (!found) {
      text.push(each);
      continue;
    }
    flush();
    const [, alt = "", name, label = "", step] = found;
    parts.push(name ? { kind: "picture", name, alt } : { kind: "step", step: Number(step), label });
  }
  flush();
  return parts;
}
