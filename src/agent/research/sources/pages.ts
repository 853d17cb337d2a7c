import { errorData, fail } from "../../../contract/errors";
import type { FetchPort } from "../../../contract/tool";
import { cleanText } from "../../tools/output";
import { publicUrl } from "../../web/address";
import { pageText } from "../../web/pageText";
import { isPdf, pdfText } from "../pdf";
import type { ResearchSource, SourceText } from "../source";

const timeoutMs = 30_000;

/** The pages that the question itself names; no other is opened by it. */
export function pagesSource(fetcher: FetchPort, question: string): ResearchSource {
  const urls = addressesIn(question);
  return {
    kind: "page",
    private: false,
    search: () => Promise.resolve(urls.map((url) => ({ kind: "page", place: url, title: url, excerpt: "" }))),
    read: (place, signal) => readPage(fetcher, place, signal),
  };
}

/** Public http and https addresses in a text; others are left out. */
export function addressesIn(text: string): string[] {
  const found = text.match(/https?:\/\/[^\s<>"'`]+/gi) ?? [];
  return [...new Set(found.map((url) => url.replace(/[.,;:!?)\]}]+$/, "")))].flatMap((url) => {
    try {
      return [publicUrl(url).href];
    } catch (error) {
      // An address that is refused is no source; everything else is a fault of ours.
      if (["notAllowed", "badArgument"].includes(errorData(error).code)) return [];
      throw error;
    }
  });
}

/** A page or a PDF as text; what is no text fails with `badArgument`. */
export async function readPage(fetcher: FetchPort, url: string, signal: AbortSignal): Promise<SourceText> {
  const page = await fetcher.fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    bytes: true,
  });
  if (page.status >= 400) fail("network", `The server answered ${page.status}.`);
  if (page.bytes && (/pdf/i.test(page.type) || isPdf(page.bytes))) {
    if (page.cut) fail("tooLarge", "The PDF is too large to read.");
    const { title, text, cut } = await pdfText(page.bytes, signal);
    return { title: title || url, text, cut };
  }
  if (!/^text\/|json|xml|^$/i.test(page.type)) fail("badArgument", `It is no text (${page.type.slice(0, 60)}).`);
  const html = /html|^$/i.test(page.type);
  const title = html ? /<title[^>]{0,200}>([^<]{0,300})/i.exec(page.text.slice(0, 100_000))?.[1] : undefined;
  const text = html ? pageText(page.text) : page.text;
  return { title: cleanText(title ?? "").trim() || url, text, cut: page.cut };
}
