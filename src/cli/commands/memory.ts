import path from "node:path";
import { engineVectors } from "../../agent/brains/engineVectors";
import { Memory } from "../../agent/memory/memory";
import { tripleOps } from "../../agent/memory/graph/triples";
import type { Op } from "../../agent/memory/rows";
import type { MemoryMode } from "../../contract/memory";
import { fail } from "../../contract/errors";
import type { Triple } from "../../agent/prompts/triples";
import { UsageError, type Command, type CommandContext } from "../command";
import { isRecord, readJsonLines, readText } from "../inputs";
import { onlyPlace, runAction } from "../subcommands";
import { openBrain, workspaceFolder } from "../workshop";

const modes: readonly MemoryMode[] = ["auto", "text", "vector", "hybrid", "graph"];

export const memory: Command = {
  name: "memory",
  summary: "what the agent remembers: import, search, write, reflect, forget",
  usage:
    "import FILE | triples FILE | search QUERY | search --queries FILE | write TEXT | reflect | list | forget ID... | export",
  options: {
    queries: { type: "string", help: "JSON Lines of {id, query}", value: "FILE" },
    k: { type: "string", help: "results a query (10)", value: "N" },
    mode: { type: "string", help: "auto (the default), text, vector, hybrid or graph", value: "MODE" },
    vectors: { type: "boolean", help: "make vectors with the model's own states" },
    seconds: { type: "string", help: "reflect for so long at most", value: "N" },
    limit: { type: "string", help: "entries of a list (100)", value: "N" },
    closed: { type: "boolean", help: "list what no longer holds too" },
    ask: { type: "boolean", help: "let the model decide whether a text is worth keeping" },
    uri: { type: "string", help: "another place for the tables: any address LanceDB takes", value: "URI" },
    server: { type: "string", help: "think with an OpenAI-compatible server, up to /v1", value: "URL" },
    "server-model": { type: "string", help: "the server's model", value: "NAME" },
  },
  run: (context) =>
    runAction(
      "memory",
      { import: importFile, triples: importTriples, search, write, reflect, list, forget, export: exportAll },
      context,
    ),
};

async function within<T>(context: CommandContext, work: (memory: Memory) => Promise<T>, vectors = false): Promise<T> {
  const { options } = context;
  const uri = options.text("uri");
  const engine = vectors ? await context.engine() : undefined;
  const opened = await Memory.open({
    folder: path.join(workspaceFolder(context), ".vitrine", "memory"),
    ...(uri === undefined ? {} : { uri }),
    ...(engine ? { vectors: engineVectors(engine.caller, engine.info.fingerprint) } : {}),
    brain: () => openBrain(context),
    onProblem: (sentence) => process.stderr.write(`vitrine: ${sentence}\n`),
  });
  try {
    if (vectors) await opened.embedded();
    return await work(opened);
  } finally {
    await opened.close();
  }
}

async function importFile(context: CommandContext, rest: string[]): Promise<unknown> {
  const file = onlyPlace(rest, "file");
  const lines = (await readText(file)).split("\n");
  return within(context, async (opened) => {
    const { imported, skipped } = await opened.import(lines, context.signal, (done) =>
      context.progress(done, lines.length, "importing"),
    );
    for (const { line, why } of skipped.slice(0, 20))
      process.stderr.write(`vitrine: line ${line} is left out — ${why}\n`);
    return { imported, skipped: skipped.length };
  });
}

/** Facts that were taken from records elsewhere; `source` is the record's id. */
async function importTriples(context: CommandContext, rest: string[]): Promise<unknown> {
  const lines = await readJsonLines(onlyPlace(rest, "file"));
  const triples = lines.map(readTriple);
  return within(context, async (opened) => {
    const graph = await opened.graph();
    const groups = new Map<string, Triple[]>();
    for (const { source, ...triple } of triples) groups.set(source, [...(groups.get(source) ?? []), triple]);
    const time = new Date().toISOString();
    const sources = [...groups];
    let relations = 0;
    for (let at = 0; at < sources.length; at += 200) {
      context.signal.throwIfAborted();
      const some = sources.slice(at, at + 200);
      const records = await opened.tables.get("records", some.map(([source]) => source).filter(Boolean));
      const written: Op[] = [];
      for (const [source, facts] of some) {
        const ops = tripleOps(graph, records.get(source), facts, time);
        // Seen at once, so that the next record's facts find these entities.
        ops.forEach((op) => graph.apply(op));
        written.push(...ops);
      }
      relations += written.filter((op) => op.table === "relations").length;
      await opened.tables.write(written);
      context.progress(at + some.length, sources.length, "importing");
    }
    return { imported: triples.length, relations, entities: graph.entities.size };
  });
}

function readTriple(value: unknown, index: number): Triple & { source: string } {
  const line = `Line ${index + 1}`;
  if (!isRecord(value)) fail("damagedFile", `${line} is not an object`);
  const text = (key: string): string => {
    const found = value[key];
    return typeof found === "string" ? found : fail("damagedFile", `${line} has no ${key}`);
  };
  const source = value["source"];
  return {
    subject: text("subject"),
    relation: text("relation"),
    object: text("object"),
    source: typeof source === "string" || typeof source === "number" ? `${source}` : "",
  };
}

async function search(context: CommandContext, rest: string[]): Promise<unknown> {
  const { options } = context;
  const file = options.text("queries");
  const query = rest.join(" ").trim();
  if ((file === undefined) === (query === "")) throw new UsageError("give either a query or --queries");
  const mode = options.choice("mode", modes) ?? "auto";
  const limit = options.integer("k") ?? 10;
  if (limit < 1) throw new UsageError("--k must be at least 1");
  const vectors = options.flag("vectors") || mode === "vector" || mode === "hybrid";
  const queries = file === undefined ? [{ id: "1", query }] : (await readJsonLines(file)).map(readQuery);
  return within(
    context,
    async (opened) => {
      for (const each of queries) {
        context.signal.throwIfAborted();
        const found = await opened.find({ query: each.query, mode, limit });
        const results = found.hits.map(({ item, score, why, path: way }) => ({
          id: item.id,
          score,
          text: item.text,
          why,
          ...(way ? { path: way } : {}),
        }));
        const answer = { id: each.id, mode: found.mode, results };
        if (file === undefined) return answer;
        context.line(answer);
      }
      return undefined;
    },
    vectors,
  );
}

function readQuery(value: unknown, index: number): { id: string; query: string } {
  if (!isRecord(value) || typeof value["query"] !== "string") fail("damagedFile", `Line ${index + 1} has no query`);
  return { id: String(value["id"] ?? index + 1), query: value["query"] as string };
}

async function write(context: CommandContext, rest: string[]): Promise<unknown> {
  const text = rest.join(" ").trim();
  if (text === "") throw new UsageError("write what?");
  return within(context, async (opened) => {
    if (!context.options.flag("ask")) {
      const { item, why } = await opened.rememberByHand(text);
      return { kept: item !== null, ...(item ? { id: item.id, text: item.text } : {}), why };
    }
    const run = `cli-${Date.now()}`;
    const [wrote] = await opened.observe({ run, step: 1, goal: text, user: text }, context.signal);
    return wrote ?? { text, kept: false, why: "The model found nothing to keep." };
  });
}

function reflect(context: CommandContext): Promise<unknown> {
  const seconds = context.options.number("seconds");
  return within(context, (opened) =>
    opened.reflect(context.signal, seconds, ({ stage, done, total }) => context.progress(done, total, stage)),
  );
}

function list(context: CommandContext): Promise<unknown> {
  const limit = context.options.integer("limit") ?? 100;
  return within(context, (opened) => opened.list({ limit, filter: { closed: context.options.flag("closed") } }));
}

function forget(context: CommandContext, rest: string[]): Promise<unknown> {
  if (rest.length === 0) throw new UsageError("forget what? give ids");
  return within(context, (opened) => opened.forget(rest));
}

function exportAll(context: CommandContext): Promise<unknown> {
  return within(context, async (opened) => {
    const { lines } = await opened.handlers.memoryExport({}, { signal: context.signal, progress: () => undefined });
    lines.forEach((line) => context.line(JSON.parse(line)));
    return undefined;
  });
}
