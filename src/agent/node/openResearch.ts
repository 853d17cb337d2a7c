import path from "node:path";
import type { Clock, MemoryPort } from "../../contract/agent";
import type { Brain } from "../../contract/brain";
import { errorData, fail } from "../../contract/errors";
import type { ResearchParams, ResearchView } from "../../contract/research";
import type { FetchPort, FilesPort, SearchPort } from "../../contract/tool";
import { Research } from "../research/research";
import { researchView } from "../research/researchView";
import type { ResearchSource } from "../research/source";
import { memorySource } from "../research/sources/memory";
import { pagesSource } from "../research/sources/pages";
import { searxng, webSource } from "../research/sources/web";
import { workspaceSource } from "../research/sources/workspace";
import { stateOfLines } from "../research/state";
import { fileResearchStore, type ResearchStore } from "../research/store";
import { checkReport, type CheckedCitation } from "../research/verify";
import { nodeFetch } from "./nodeFetch";
import { nodeFiles } from "./nodeFiles";
import { nodeSearch } from "./nodeSearch";
import { fileJournal } from "./nodeStores";

export interface ResearchesOptions {
  /** The workspace folders; the first holds `.vitrine/` and the reports. */
  folders: readonly string[];
  brain: Brain;
  memory?: Pick<MemoryPort, "search">;
  /** Address of a SearXNG instance that the user set; without one there is no web source. */
  searchEngine?: string;
  /** Other sources: the operator's browser. */
  more?: readonly ResearchSource[];
  ripgrep?: string;
  clock?: Clock;
  /** In place of those of the machine. */
  ports?: { fetch?: FetchPort; engine?: FetchPort; search?: SearchPort };
}

/** Largest page or PDF, in bytes; of a longer page the beginning is read. */
const pageLimit = 16_000_000;

/** Researches of a workspace: one for the host and for the command line. */
export class Researches {
  private constructor(
    private readonly options: ResearchesOptions,
    private readonly files: FilesPort,
    readonly store: ResearchStore,
  ) {}

  static async open(options: ResearchesOptions): Promise<Researches> {
    const files = await nodeFiles(options.folders);
    const root = files.roots()[0] ?? fail("badArgument", "A research needs a folder for its report.");
    const journal = fileJournal(path.join(root, ".vitrine", "research"));
    return new Researches(options, files, fileResearchStore(files, journal));
  }

  create(params: ResearchParams): Research {
    return Research.create(this.ports(params.question), params);
  }

  async resume(id: string): Promise<Research> {
    const { question } = stateOfLines(id, await this.store.journal.read(id));
    return Research.resume(this.ports(question), id);
  }

  /** Every research of the workspace, the latest first; one whose journal is damaged is left out. */
  async list(): Promise<ResearchView[]> {
    const out: ResearchView[] = [];
    for (const { run } of await this.store.journal.list()) {
      try {
        const state = stateOfLines(run, await this.store.journal.read(run));
        out.push(researchView(state, false, { kind: "nothing" }));
      } catch (error) {
        if (errorData(error).code !== "damagedFile") throw error;
      }
    }
    return out;
  }

  check(id: string): Promise<CheckedCitation[]> {
    return checkReport(this.store, id);
  }

  private ports(question: string) {
    const { options, files, store } = this;
    const fetcher = options.ports?.fetch ?? nodeFetch({ limit: pageLimit });
    const sources: ResearchSource[] = [
      workspaceSource(files, options.ports?.search ?? nodeSearch(files, options.ripgrep)),
      ...(options.memory ? [memorySource(options.memory)] : []),
      ...(options.searchEngine ? [this.web(options.searchEngine, fetcher)] : []),
      pagesSource(fetcher, question),
      ...(options.more ?? []),
    ];
    return { brain: options.brain, sources, store, ...(options.clock ? { clock: options.clock } : {}) };
  }

  private web(engine: string, pages: FetchPort): ResearchSource {
    const { host } = searchAddress(engine);
    return webSource(searxng(engine, this.options.ports?.engine ?? nodeFetch({ own: host })), pages);
  }
}

/** The address of a search engine as a person set it; fails with `badArgument`. It may be of this machine. */
export function searchAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    return fail("badArgument", "The search engine's address is no http or https address.", {
      remedy: "Set it as https://searx.example/.",
    });
  }
  return url;
}
