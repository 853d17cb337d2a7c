import { open } from "node:fs/promises";
import { basename } from "node:path/posix";
import type * as vscode from "vscode";
import { errorData } from "../../contract/errors";
import { sentence } from "../errors";
import { readGgufHeader } from "./header";
import { ggufErrorPage, ggufPage } from "./page";

/** A GGUF file as its metadata and tensors, to read. */
export class GgufEditor implements vscode.CustomReadonlyEditorProvider {
  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = {
      enableScripts: false,
      enableCommandUris: ["vitrine.models.loadFile"],
      localResourceRoots: [],
    };
    panel.webview.html = await page(uri);
  }
}

async function page(uri: vscode.Uri): Promise<string> {
  const name = basename(uri.path);
  try {
    const handle = await open(uri.fsPath, "r");
    try {
      const { size } = await handle.stat();
      const header = await readGgufHeader(size, async (offset, length) => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      });
      const load = `command:vitrine.models.loadFile?${encodeURIComponent(JSON.stringify([uri.fsPath]))}`;
      return ggufPage(name, size, header, load);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return ggufErrorPage(name, sentence(errorData(thrown)));
  }
}
