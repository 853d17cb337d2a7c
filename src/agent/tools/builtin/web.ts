import { fail } from "../../../contract/errors";
import type { FetchPort } from "../../../contract/tool";
import { cleanText } from "../output";
import { textArgument, type Tool } from "../tool";
import { pageText } from "../../web/pageText";
import { publicUrl } from "../../web/address";
import { builtinSpec } from "./spec";

/** Fetches a page as text. Redirects stay on the host that was approved. */
export function fetchTool(port: FetchPort): Tool {
  return {
    ...builtinSpec("fetch_url"),
    source: "builtin",
    effects: ["network"],
    prepare: (args, { signal }) => {
      const url = publicUrl(textArgument(args, "url"));
      return Promise.resolve({
        effects: ["network"],
        target: { kind: "url", url: url.href, host: url.host },
        summary: `Fetch ${url.href} (host ${url.host})`,
        reversal: "no",
        act: async () => {
          const page = await port.fetch(url.href, { signal, hosts: [url.host] });
          if (page.status >= 400)
            return { text: `The server answered ${page.status} for ${page.url}.`, failed: true, taint: "page" };
          if (!/^text\/|json|xml|javascript/i.test(page.type)) {
            fail("badArgument", `${page.url} is no text (${page.type || "unknown type"}).`);
          }
          const text = /html/i.test(page.type) ? pageText(page.text) : page.text;
          const cut = page.cut ? "\n[the page is longer than was read]" : "";
          return { text: cleanText(text).trim() + cut || "The page has no text.", taint: "page" };
        },
      });
    },
  };
}
