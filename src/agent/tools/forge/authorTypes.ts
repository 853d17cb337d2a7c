/**
 * The text of `vitrine.d.ts`, written beside the tool files: an editor's completion for their authors. The file is a
 * script of types alone; nothing loads it.
 */
export const authorTypes = `// Types for the tools in this folder. Written by Vitrine; changes are overwritten.

/** What a tool can be handed, as its \`capabilities\` declare. A function that was not declared is absent. */
interface VitrineHost {
  files: {
    /** The text of a file under a declared folder; the path is relative to the workspace. */
    read(path: string): Promise<string>;
    /** Names in a declared folder; those of folders end with a slash. */
    list(path: string): Promise<string[]>;
    /** Writes a file under a folder declared with \`files.write\`. */
    write(path: string, text: string): Promise<null>;
  };
  /** The text of a page of a declared host. */
  fetch(url: string): Promise<string>;
  model: {
    /** The model's answer to a question. */
    ask(question: string): Promise<string>;
  };
}

type VitrineJson = null | boolean | number | string | VitrineJson[] | { [key: string]: VitrineJson };

/** \`export const effects: VitrineEffect[] = ["read"];\` */
type VitrineEffect = "read" | "write" | "execute" | "network" | "irreversible";

/** \`export const capabilities: VitrineCapability[] = [{ kind: "files.read", folder: "docs" }];\` */
type VitrineCapability =
  | { kind: "files.read"; folder: string }
  | { kind: "files.write"; folder: string }
  | { kind: "fetch"; host: string }
  | { kind: "model.ask" };

/** \`export const examples: VitrineExample[] = [{ arguments: { n: 2 }, result: 4 }];\` They are the tool's tests. */
interface VitrineExample {
  arguments: { [name: string]: VitrineJson };
  result: VitrineJson;
  /** What the host answers in this example: \`{ "fetch https://example.org/": "text" }\`. */
  host?: { [call: string]: VitrineJson };
}

/** What a tool writes here is shown beside its result. */
declare const console: { log(...values: unknown[]): void };
`;
