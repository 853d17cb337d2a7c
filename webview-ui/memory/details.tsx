import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { MemoryDetail, MemoryHit, MemoryItem, MemorySource } from "../../src/contract/memory";
import type { Word } from "../kit/l10n";
import { Button } from "../kit/controls";
import { when } from "../kit/format";
import { useRun } from "../kit/hooks";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { Note, RunState } from "../kit/message";
import { quietly } from "../kit/quietly";
import { lookOf } from "./colours";
import { edgeWord } from "./edgeWord";
import type { Indexed } from "./graphData";
import { host } from "./host";
import type { DrawnNode } from "./model";
import { drawnItem } from "./model";
import { NodeLink } from "./nodeLink";
import { lineText } from "./nodeText";
import { PathSteps } from "./pathSteps";
import { ShapeIcon } from "./shapeIcon";

/** What a person does with a memory that needs another one chosen. */
export type Choosing = "path" | "merge";

const authors: Record<MemorySource["by"], Word> = {
  user: "memorySourcePerson",
  agent: "memorySourceModel",
  import: "memorySourceImport",
  reflection: "memorySourceReflection",
};

/** Connections listed before a person asks for the rest. */
const fewConnections = 30;

/** Everything about the chosen memory, and what can be done with it. */
export function Details(props: {
  graph: Indexed;
  node: number;
  revision: number;
  /** Why the last answer was given it. */
  hit: MemoryHit | undefined;
  path: readonly number[];
  onPick: (node: number) => void;
  onClose: () => void;
  onChoose: (what: Choosing) => void;
  act: (work: Promise<unknown>) => void;
}): VNode {
  const { graph, node, revision, hit, path, onPick, onClose, onChoose, act } = props;
  const given = graph.nodes[node]!;
  const community = given.kind === "community";
  const run = useRun<MemoryDetail>();
  const [draft, setDraft] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  useEffect(() => {
    setDraft(null);
    setAll(false);
  }, [given.id]);
  useEffect(() => {
    // A community is what its members are: there is nothing more to ask.
    if (community) run.reset();
    else run.start((signal) => host.call("memoryDetail", { id: given.id }, { signal }));
  }, [given.id, revision]);
  const detail = run.result?.item.id === given.id ? run.result : null;
  const text = detail ? wholeText(detail) : given.text;
  const save = (): void => {
    const next = draft?.trim() ?? "";
    if (next !== "" && next !== text) act(host.call("memoryEdit", { id: given.id, text: next }));
    setDraft(null);
  };
  return (
    <section class="details" aria-label={t("memoryDetails")}>
      <header class="detailsHead">
        <ShapeIcon kind={given.kind} />
        <h2 id="detailsTitle" tabIndex={-1}>
          {t(lookOf(given.kind).one)}
        </h2>
        {given.pinned && (
          <span class="chip" title={t("memoryPinnedSays")}>
            <Icon name="pinned" /> {t("memoryPinned")}
          </span>
        )}
        <span class="grow" />
        <IconButton icon="close" label={t("close")} onClick={onClose} />
      </header>
      {draft === null ? (
        <p class="memoryText">{text}</p>
      ) : (
        <TextEditor draft={draft} onDraft={setDraft} onSave={save} />
      )}
      {given.closed && <Note icon="history">{closedNote(detail)}</Note>}
      {detail?.item.taint !== undefined && (
        <Note icon="shield">{t("memoryTainted", { source: taintWord(detail.item.taint) })}</Note>
      )}
      {draft === null && (
        <div class="row detailButtons">
          {!community && (
            <>
              <Button icon="edit" disabled={!detail} onClick={() => setDraft(text)}>
                {t("memoryEdit")}
              </Button>
              <Button
                icon={given.pinned ? "pinned" : "pin"}
                onClick={() => act(host.call("memoryPin", { id: given.id, pinned: !given.pinned }))}
              >
                {t(given.pinned ? "memoryUnpin" : "memoryPin")}
              </Button>
            </>
          )}
          <Button icon="git-compare" onClick={() => onChoose("path")}>
            {t("memoryPathTo")}
          </Button>
          {(given.kind === "entity" || given.kind === "record" || given.kind === "experience") && (
            <Button icon="git-merge" onClick={() => onChoose("merge")}>
              {t("memoryMerge")}
            </Button>
          )}
          {!community && (
            <Button icon="trash" onClick={() => act(host.call("memoryForget", { ids: [given.id] }))}>
              {t("memoryForget")}
            </Button>
          )}
        </div>
      )}
      {path.length > 1 && (
        <Part title={t("memoryPath", { n: path.length - 1 })}>
          <PathSteps graph={graph} path={path} onPick={onPick} />
        </Part>
      )}
      {hit && (
        <Part title={t("memoryWhyRead")}>
          <p>{lineText(hit.why)}</p>
        </Part>
      )}
      {run.status === "failed" && <RunState run={run} what={t("memoryDetails")} />}
      {detail && <Facts detail={detail} />}
      {detail && (
        <>
          <Items
            title={t("memoryEvidence", { n: detail.evidence.length })}
            items={detail.evidence}
            graph={graph}
            onPick={onPick}
          />
          <Items
            title={t("memoryRests", { n: detail.rests.length })}
            items={detail.rests}
            graph={graph}
            onPick={onPick}
          />
        </>
      )}
      <Connections
        graph={graph}
        node={node}
        most={all ? Infinity : fewConnections}
        onPick={onPick}
        onAll={() => setAll(true)}
      />
    </section>
  );
}

export function Part({ title, children }: { title: string; children: ComponentChildren }): VNode {
  return (
    <div class="part">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** Moves the focus to the details, as Enter in the graph does. */
export function focusDetails(): void {
  document.getElementById("detailsTitle")?.focus();
}

function TextEditor(props: { draft: string; onDraft: (draft: string | null) => void; onSave: () => void }): VNode {
  const { draft, onDraft, onSave } = props;
  return (
    <div class="section">
      <textarea
        class="box"
        rows={4}
        value={draft}
        aria-label={t("memoryEditText")}

        autofocus
        onInput={(event) => onDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDraft(null);
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            onSave();
          }
        }}
      />
      <div class="row">
        <Button kind="primary" disabled={draft.trim() === ""} onClick={onSave}>
          {t("memorySave")}
        </Button>
        <Button onClick={() => onDraft(null)}>{t("cancel")}</Button>
      </div>
    </div>
  );
}

function wholeText({ record, thought, entity, item }: MemoryDetail): string {
  return record?.text ?? thought?.text ?? entity?.name ?? item.text;
}

function closedNote(detail: MemoryDetail | null): string {
  const until = detail?.record?.validTo;
  return until ? t("memoryClosed", { when: when(until) }) : t("memoryClosedPlain");
}

const taints: Record<string, Word> = {
  file: "memorySourceFile",
  page: "memorySourcePage",
  tool: "memorySourceTool",
  command: "memorySourceTool",
  model: "memorySourceModel",
};

function taintWord(taint: string): string {
  const word = taints[taint];
  return word ? t(word) : lineText(taint);
}

function Facts({ detail: { item, record, entity } }: { detail: MemoryDetail }): VNode {
  const { source } = item;
  const rows: [Word, ComponentChildren][] = [["memoryCreated", new Date(item.time).toLocaleString()]];
  if (source) rows.push(["memorySource", t(authors[source.by])]);
  if (entity && entity.aliases.length > 0) rows.push(["memoryAliases", entity.aliases.map(lineText).join(", ")]);
  const places: [Word, string | undefined][] = [
    ["memoryFile", source?.file],
    ["memoryAddress", source?.url],
    ["memoryTool", source?.tool],
    ["memoryImported", source?.name],
    ["conversation", source?.conversation?.slice(0, 8)],
  ];
  for (const [word, value] of places) {
    if (value !== undefined) rows.push([word, <span class="mono">{lineText(value)}</span>]);
  }
  const run = source?.run;
  if (run !== undefined) {
    const open = (): void => quietly(host, host.call("openMemoryRun", { run }));
    rows.push([
      "memoryRun",
      <>
        <button type="button" class="linkButton" onClick={open}>
          {lineText(run)}
        </button>
        {source?.step !== undefined && <span class="muted"> {t("memoryStep", { n: source.step })}</span>}
      </>,
    ]);
  }
  if (record) {
    const { uses, lastUsed } = record;
    rows.push(["memoryUses", lastUsed === null ? String(uses) : t("memoryUsed", { n: uses, when: when(lastUsed) })]);
  }
  return (
    <dl class="facts">
      {rows.map(([word, value]) => (
        <>
          <dt>{t(word)}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

/** Memories that may lie outside what the graph holds: those are read, but lead nowhere. */
function Items(props: {
  title: string;
  items: readonly MemoryItem[];
  graph: Indexed;
  onPick: (node: number) => void;
}): VNode | null {
  const { title, items, graph, onPick } = props;
  const drawn = items.map(drawnItem).filter((node): node is DrawnNode => node !== null);
  if (drawn.length === 0) return null;
  return (
    <Part title={title}>
      <ul class="plainList">
        {drawn.slice(0, fewConnections).map((node) => {
          const index = graph.index.get(node.id);
          return (
            <li key={node.id}>
              <NodeLink
                node={node}
                disabled={index === undefined}
                onClick={() => index !== undefined && onPick(index)}
              />
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

function Connections(props: {
  graph: Indexed;
  node: number;
  most: number;
  onPick: (node: number) => void;
  onAll: () => void;
}): VNode | null {
  const { graph, node, most, onPick, onAll } = props;
  const all = Array.from(graph.links.subarray(graph.starts[node]!, graph.starts[node + 1]!));
  if (all.length === 0) return null;
  return (
    <Part title={t("memoryConnections", { n: all.length })}>
      <ul class="plainList">
        {all.slice(0, most).map((link) => {
          const edge = graph.edges[link]!;
          const other = edge.from === node ? edge.to : edge.from;
          return (
            <li key={link} class="connection">
              <span class={`muted small${edge.closed ? " closed" : ""}`}>
                {edge.from === node ? "→" : "←"} {edgeWord(edge)}
              </span>
              <NodeLink node={graph.nodes[other]!} onClick={() => onPick(other)} />
            </li>
          );
        })}
      </ul>
      {all.length > most && <Button onClick={onAll}>{t("memoryAllConnections", { n: all.length })}</Button>}
    </Part>
  );
}
