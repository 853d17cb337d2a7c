import { open } from "node:fs/promises";
import { basename } from "node:path/posix";
import type * as vscode from "vscode";
import { errorData, fail } from "../../contract/errors";
import { sentence } from "../errors";
import { readGgufHeader, type ReadAt } from "./header";
import { ggufErrorPage, ggufPage } from "./page";
import { readSafetensorsHeader, safetensorsPage } from "./safetensors";

/** A GGUF or safetensors file as its metadata and tensors, to read. */
export class GgufEditor implements vscode.CustomReadonlyEditorProvider {
  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = {
      enableScripts: true,
      enableCommandUris: ["vitrine.models.loadFile", "vitrine.models.openInLens", "vitrine.interventions.addFile"],
      localResourceRoots: [],
    };
    panel.webview.html = await page(uri);
  }
}

async function page(uri: vscode.Uri): Promise<string> {
  const name = basename(uri.path);
  try {
    if (uri.scheme !== "file") fail("fileMissing", "Only files of this machine can be looked into.");
    const handle = await open(uri.fsPath, "r");
    try {
      const { size } = await handle.stat();
      const read: ReadAt = async (offset, length) => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      if (name.endsWith(".safetensors")) return safetensorsPage(name, size, await readSafetensorsHeader(size, read));
      const link = (command: string) => `command:${command}?${encodeURIComponent(JSON.stringify([uri.fsPath]))}`;
      return ggufPage(name, size, await readGgufHeader(size, read), {
        load: link("vitrine.models.loadFile"),
        lens: link("vitrine.models.openInLens"),
        add: link("vitrine.interventions.addFile"),
      });
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return ggufErrorPage(name, sentence(errorData(thrown)));
  }
}
