import { fail } from "../../../contract/errors";
import type { Found } from "../../../contract/research";
import type { FetchPort } from "../../../contract/tool";
import { parseJson } from "../../prompts/spacedJson";
import { publicUrl } from "../../web/address";
import type { ResearchSource } from "../source";
import { readPage } from "./pages";

/** A search engine as a research asks it. */
export interface SearchEngine {
  search(query: string, limit: number, signal: AbortSignal): Promise<Omit<Found, "kind">[]>;
}

/** A search engine and the public pages it names. */
export function webSource(engine: SearchEngine, pages: FetchPort): ResearchSource {
  return {
    kind: "web",
    private: false,
    search: async (query, limit, signal) => {
      const found = await engine.search(query, limit * 2, signal);
      return found.flatMap((each): Found[] => (isPublic(each.place) ? [{ kind: "web", ...each }] : [])).slice(0, limit);
    },
    read: (place, signal) => readPage(pages, place, signal),
  };
}

/** Whether an address may be fetched at all: an engine's results are no better than any text. */
function isPublic(address: string): boolean {
  try {
    publicUrl(address);
    return true;
  } catch {
    return false;
  }
}

/**
 * SearXNG's JSON answers (`GET /search?q=…&format=json`: `{results: [{url, title, content}]}`). `fetcher` may reach the
 * engine's own address, which a person set, and nothing else private.
 */
export function searxng(endpoint: string, fetcher: FetchPort): SearchEngine {
  return {
    search: async (query, limit, signal) => {
      const url = new URL(endpoint);
      if (!/\/search\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/$/, "")}/search`;
      url.searchParams.set("q", query);
      url.searchParams.set("format", "json");
      const page = await fetcher.fetch(url.href, { signal, hosts: [url.host] });
      if (page.status === 403) {
        fail("notAllowed", "The search engine gives no JSON.", {
          remedy: "Add json to search.formats in SearXNG's settings.yml.",
        });
      }
      if (page.status >= 400) fail("network", `The search engine answered ${page.status}.`);
      const value = parseJson(page.text);
      const results = typeof value === "object" && value !== null && "results" in value ? value.results : undefined;
      if (!Array.isArray(results)) fail("badReply", "The search engine's answer is not SearXNG's JSON.");
      return results.flatMap(readResult).slice(0, limit);
    },
  };
}

function readResult(item: unknown): Omit<Found, "kind">[] {
  if (typeof item !== "object" || item === null || !("url" in item) || typeof item.url !== "string") return [];
  const text = (name: string): string => {
    const value = (item as Record<string, unknown>)[name];
    return typeof value === "string" ? value : "";
  };
  return [{ place: item.url, title: text("title") || item.url, excerpt: text("content") }];
}
