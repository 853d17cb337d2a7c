import * as vscode from "vscode";

/** The part of package.json that the suites read. */
export interface Manifest {
  contributes: {
    commands: { command: string; title: string }[];
    configuration: Configuration | Configuration[];
  };
}

export interface Configuration {
  properties: Record<string, { default?: unknown }>;
}

/** The extension under test. */
export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension<unknown>("vitrine.vitrine");
  if (!found) throw new Error("the extension is not installed");
  return found;
}

/** Its package.json. */
export function manifest(): Manifest {
  return extension().packageJSON as Manifest;
}
