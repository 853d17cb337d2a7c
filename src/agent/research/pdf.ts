import { errorData, fail } from "../../contract/errors";
import { cleanText } from "../tools/output";

const mostPages = 400;
const mostCharacters = 2_000_000;

export function isPdf(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 1_024)).includes("%PDF-");
}

/**
 * The text of a PDF, page by page (Mozilla's pdf.js through unpdf, which draws and runs nothing). A damaged or locked
 * file fails with `damagedFile`.
 */
export async function pdfText(
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<{ title: string; text: string; cut: boolean }> {
  const { getDocumentProxy } = await import("unpdf");
  try {
    const document = await getDocumentProxy(new Uint8Array(bytes), { isEvalSupported: false, stopAtErrors: false });
    try {
      const parts: string[] = [];
      let length = 0;
      const pages = Math.min(document.numPages, mostPages);
      for (let number = 1; number <= pages && length < mostCharacters; number++) {
        signal.throwIfAborted();
        const page = await document.getPage(number);
        const { items } = await page.getTextContent();
        const text = items
          .map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : ""))
          .join("")
          .trim();
        parts.push(`[page ${number}]\n${text}`);
        length += text.length;
        page.cleanup();
      }
      const text = cleanText(parts.join("\n\n")).slice(0, mostCharacters);
      if (parts.every((part) => /^\[page \d+\]\n$/.test(part))) {
        fail("badArgument", "The PDF holds no text; it may be pictures of pages.");
      }
      return { title: "", text, cut: document.numPages > pages || length >= mostCharacters };
    } finally {
      await document.loadingTask.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = errorData(error);
    if (code !== "internal") throw error;
    fail("damagedFile", `The PDF cannot be read: ${message}`, { cause: error });
  }
}
