import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { MemoryGraphData, MemoryState, MemoryWhy } from "../../src/contract/memory";
import type { MemoryGraphRequest, MemoryPositions } from "../../src/contract/memoryView";
import { Button } from "../kit/controls";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { Note, Progress } from "../kit/message";
import { quietly } from "../kit/quietly";
import { savePng, saveText } from "../kit/save";
import { readTheme, useTheme } from "../kit/theme";
import { GraphCanvas } from "./canvas";
import { lookOf } from "./colours";
import { Details, focusDetails, type Choosing } from "./details";
import { graphMl, paint, pictureOf, svgOf } from "./exports";
import type { Filter } from "./graphData";
import { degree, indexed, matching, neighboursOf, openFilter, passing, pathBetween, runsOf } from "./graphData";
import { host } from "./host";
import type { Layout } from "./layout";
import { MemoryList } from "./list";
import { drawnGraph } from "./model";
import { shortText } from "./nodeText";
import { Overview } from "./overview";
import type { Emphasis } from "./scene";
import { webGlWorks } from "./scene";
import { Legend, Toolbar, type ExportKind } from "./toolbar";
import { useLayout } from "./useLayout";
import { usePalette } from "./usePalette";

interface Kept {
  view: "graph" | "list";
  filter: Filter;
  query: string;
  selected: string | null;
}

const fresh: Kept = { view: "graph", filter: openFilter, query: "", selected: null };

function keptState(): Kept {
  const stored = host.getState();
  if (typeof stored !== "object" || stored === null) return fresh;
  const { view, filter, query, selected } = stored as Partial<Kept>;
  return {
    view: view === "list" ? "list" : "graph",
    filter: { ...openFilter, ...filter },
    query: query ?? "",
    selected: selected ?? null,
  };
}

/** The graph or its list, what is chosen in it, and everything a person does with it. */
export function Walk(props: {
  data: MemoryGraphData;
  positions: MemoryPositions;
  why: MemoryWhy | null;
  memory: MemoryState;
  request: MemoryGraphRequest | null;
  revision: number;
  act: (work: Promise<unknown>) => void;
  onSettled: (positions: MemoryPositions) => void;
}): VNode {
  const { data, positions, why, memory, request, revision, act, onSettled } = props;
  const graph = useMemo(() => indexed(drawnGraph(data)), [data]);
  const [kept, setKept] = useState(keptState);
  const [webGl, setWebGl] = useState(webGlWorks);
  const [path, setPath] = useState<readonly string[]>([]);
  const [choosing, setChoosing] = useState<Choosing | null>(null);
  const [target, setTarget] = useState<number | null>(null);
  const [noPath, setNoPath] = useState(false);
  const [readShown, setReadShown] = useState(request?.why !== undefined);
  const set = (change: Partial<Kept>): void => setKept((before) => ({ ...before, ...change }));
  useEffect(() => host.setState(kept), [kept]);
  useEffect(() => {
    if (!request) return;
    const [first] = request.ids ?? [];
    if (first !== undefined) set({ selected: first, query: "", filter: openFilter });
    if (request.why) setReadShown(true);
  }, [request?.number]);

  const { layout, stamp, fraction } = useLayout(graph, positions, (done) => onSettled(placesOf(graph.nodes, done)));
  const palette = usePalette(useTheme());
  const view = webGl ? kept.view : "list";
  const selected = kept.selected === null ? null : (graph.index.get(kept.selected) ?? null);
  const pass = useMemo(() => passing(graph, kept.filter, Date.now()), [graph, kept.filter]);
  const found = useMemo(() => (kept.query.trim() === "" ? null : matching(graph, kept.query)), [graph, kept.query]);
  const both = useMemo(() => (found ? pass.map((one, i) => one & found[i]!) : pass), [pass, found]);
  const read = useMemo(() => readIn(graph.index, why), [graph, why]);
  const steps = useMemo(() => path.flatMap((id) => graph.index.get(id) ?? []), [graph, path]);
  const shownPath = useMemo(() => (steps.length > 0 ? steps : readShown ? read.path : []), [steps, readShown, read]);
  const emphasis = useMemo((): Emphasis => {
    const shown = readShown ? read.nodes : new Set<number>();
    let lit: Set<number> | null = null;
    if (shownPath.length > 0 && selected === null) lit = new Set([...shownPath, ...shown]);
    else if (steps.length > 0) lit = new Set([...steps, ...(selected === null ? [] : [selected])]);
    else if (selected !== null) lit = new Set([selected, ...neighboursOf(graph, selected)]);
    else if (found) lit = new Set(graph.nodes.flatMap((_, i) => (both[i] === 1 ? [i] : [])));
    else if (readShown && shown.size > 0) lit = new Set(shown);
    return { pass, selected, lit, path: shownPath, read: shown };
  }, [graph, pass, both, found, selected, steps, shownPath, readShown, read]);

  const pick = (node: number, other = false): void => {
    const id = graph.nodes[node]!.id;
    if (selected !== null && node !== selected && (choosing === "path" || (other && choosing === null))) {
      return walkTo(node);
    }
    if (selected !== null && node !== selected && choosing === "merge") return setTarget(node);
    if (!path.includes(id)) setPath([]);
    setNoPath(false);
    set({ selected: id });
  };
  const walkTo = (node: number): void => {
    const way = pathBetween(graph, selected!, node, pass);
    setPath(way?.map((step) => graph.nodes[step]!.id) ?? []);
    setNoPath(way === null);
    setChoosing(null);
  };
  const clear = (): void => {
    if (choosing !== null) {
      setChoosing(null);
      setTarget(null);
      return;
    }
    setPath([]);
    setNoPath(false);
    set({ selected: null });
  };
  const merge = (into: number): void => {
    const { id } = graph.nodes[into]!;
    act(host.call("memoryMerge", { ids: [graph.nodes[selected!]!.id, id], into: id }));
    setChoosing(null);
    setTarget(null);
    set({ selected: id });
  };
  const find = (): void => {
    let best: number | null = null;
    both.forEach((one, i) => {
      if (one === 1 && (best === null || degree(graph, i) > degree(graph, best))) best = i;
    });
    if (best !== null && kept.query.trim() !== "") pick(best);
  };
  const hit = selected === null ? undefined : why?.hits.find(({ item }) => item.id === graph.nodes[selected]!.id);
  const side =
    selected === null ? (
      <Overview graph={graph} memory={memory} why={why} onPick={(node) => pick(node)} act={act} />
    ) : (
      <Details
        graph={graph}
        node={selected}
        revision={revision}
        hit={hit}
        path={steps}
        onPick={(node) => pick(node)}
        onClose={clear}
        onChoose={(what) => {
          setChoosing(what);
          setTarget(null);
          setNoPath(false);
        }}
        act={act}
      />
    );
  const spoken = selected === null ? "" : spokenNode(graph, selected);
  return (
    <>
      <Toolbar
        query={kept.query}
        onQuery={(query) => set({ query, selected: null })}
        onFind={find}
        filter={kept.filter}
        onFilter={(change) => set({ filter: { ...kept.filter, ...change } })}
        runs={useMemo(() => runsOf(graph), [graph])}
        view={view}
        onView={(next) => set({ view: next })}
        read={why && why.hits.length > 0 ? why.hits.length : null}
        readShown={readShown}
        onRead={() => {
          setReadShown(!readShown);
          if (!readShown) {
            setPath([]);
            set({ selected: null });
          }
        }}
        onExport={(kind) => quietly(host, save(kind))}
      />
      {!webGl && <Note icon="warning">{t("memoryNoWebGl")}</Note>}
      {data.left > 0 && <Note>{t("memoryLeft", { n: data.left })}</Note>}
      {choosing !== null && selected !== null && (
        <div class="choosing" role="status">
          <Icon name={choosing === "path" ? "git-compare" : "git-merge"} />
          <span class="grow">
            {target === null
              ? t(choosing === "path" ? "memoryChooseEnd" : "memoryChooseMerge", { name: nameOf(graph, selected) })
              : mergeable(graph, selected, target)
                ? t("memoryMergeAsk", { name: nameOf(graph, selected), into: nameOf(graph, target) })
                : t("memoryMergeKinds")}
          </span>
          {target !== null && mergeable(graph, selected, target) && (
            <Button kind="primary" onClick={() => merge(target)}>
              {t("memoryMerge")}
            </Button>
          )}
          <Button
            onClick={() => {
              setChoosing(null);
              setTarget(null);
            }}
          >
            {t("cancel")}
          </Button>
        </div>
      )}
      {noPath && <Note icon="circle-slash">{t("memoryNoPath")}</Note>}
      <div class="walk">
        <div class="stage">
          {view === "graph" ? (
            <GraphCanvas
              graph={graph}
              layout={layout}
              stamp={stamp}
              emphasis={emphasis}
              onPick={pick}
              onClear={clear}
              onOpen={() => (choosing === null ? focusDetails() : undefined)}
              onLost={() => setWebGl(false)}
            />
          ) : (
            <MemoryList
              graph={graph}
              pass={both}
              selected={selected}
              onPick={(node) => pick(node)}
              onOpen={focusDetails}
            />
          )}
          <div class="stageFoot">
            <Legend
              graph={graph}
              hidden={kept.filter.hidden}
              onToggle={(kind) =>
                set({
                  filter: {
                    ...kept.filter,
                    hidden: kept.filter.hidden.includes(kind)
                      ? kept.filter.hidden.filter((each) => each !== kind)
                      : [...kept.filter.hidden, kind],
                  },
                })
              }
            />
            <span class="muted small" role="status">
              {found ? t("memoryFound", { n: both.reduce((sum, one) => sum + one, 0) }) : ""}
            </span>
            {view === "graph" && fraction < 1 && (
              <span class="settling">
                <span class="muted small">{t("memorySettling")}</span>
                <Progress fraction={fraction} label={t("memorySettling")} />
              </span>
            )}
          </div>
        </div>
        <aside class="side" aria-label={t("memorySide")}>
          {side}
        </aside>
      </div>
      <div class="hidden" role="status">
        {spoken}
      </div>
    </>
  );

  async function save(kind: ExportKind): Promise<void> {
    if (kind === "graphml") {
      await saveText(host, "memory.graphml", graphMl(graph, layout, both));
      return;
    }
    const picture = pictureOf(graph, layout, both, palette);
    if (kind === "svg") await saveText(host, "memory.svg", svgOf(picture));
    else await savePng(host, "memory.png", paint(picture, readTheme().font));
  }
}

/** What of the last answer's memories the graph holds: the nodes, and the longest way that led to one of them. */
function readIn(index: ReadonlyMap<string, number>, why: MemoryWhy | null): { nodes: Set<number>; path: number[] } {
  const nodes = new Set<number>();
  let path: number[] = [];
  for (const { item, path: way } of why?.hits ?? []) {
    const at = index.get(item.id);
    if (at !== undefined) nodes.add(at);
    const steps = (way ?? []).flatMap((step) => index.get(step) ?? []);
    if (steps.length > path.length) path = steps;
  }
  return { nodes, path };
}

type Shown = ReturnType<typeof indexed>;

function nameOf(graph: Shown, node: number): string {
  return shortText(graph.nodes[node]!.text, 50);
}

/** Only like becomes like: an entity an entity, a record a record. */
function mergeable(graph: Shown, a: number, b: number): boolean {
  const sort = (node: number): string =>
    graph.nodes[node]!.kind === "experience" ? "record" : graph.nodes[node]!.kind;
  return sort(a) === sort(b) && (sort(a) === "entity" || sort(a) === "record");
}

function spokenNode(graph: Shown, node: number): string {
  const { kind, text } = graph.nodes[node]!;
  return t("memorySpoken", { kind: t(lookOf(kind).one), text: shortText(text, 160), n: degree(graph, node) });
}

function placesOf(nodes: Shown["nodes"], { x, y }: Layout): MemoryPositions {
  const round = (value: number): number => Math.round(value * 100) / 100;
  return Object.fromEntries(nodes.map(({ id }, i) => [id, [round(x[i]!), round(y[i]!)]]));
}
