import "../kit/panel.css";
import "./memory.css";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ErrorData } from "../../src/contract/errors";
import type { MemoryGraphData, MemoryState, MemoryWhy } from "../../src/contract/memory";
import type { MemoryPanelState, MemoryPositions } from "../../src/contract/memoryView";
import { Button } from "../kit/controls";
import { Help } from "../kit/help";
import { useEvent, useRun } from "../kit/hooks";
import { asErrorData } from "../kit/host";
import { t } from "../kit/l10n";
import { Empty, ErrorBox, Note, Progress } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";
import { Walk } from "./walk";

/** Nodes that are asked for at most: more than a picture can tell apart, and what a frame can still draw. */
const mostNodes = 20_000;

/** The Memory graph: what the agent remembers, to walk, to correct and to take away. */
export function Memory(): VNode {
  const state = useEvent(host, "state");
  return (
    <div class="panel memoryPanel">
      <header class="panelHead">
        <h1>{t("memoryTitle")}</h1>
        <Help topic="memory" />
        {state?.memory && <span class="muted small modelLine">{facts(state.memory)}</span>}
      </header>
      {state ? <Shown state={state} /> : <Waiting />}
    </div>
  );
}

function Waiting(): VNode {
  return (
    <Empty icon="loading" title={t("memoryOpening")}>
      <Progress fraction={null} label={t("memoryOpening")} />
    </Empty>
  );
}

function Shown({ state }: { state: MemoryPanelState }): VNode {
  const { memory, missing } = state;
  if (missing) return <ErrorBox error={missing} />;
  if (!memory || memory.phase === "closed" || memory.phase === "opening") return <Waiting />;
  return <Open state={state} memory={memory} />;
}

interface Fetched {
  data: MemoryGraphData;
  positions: MemoryPositions;
  why: MemoryWhy | null;
}

function Open({ state, memory }: { state: MemoryPanelState; memory: MemoryState }): VNode {
  const { revision, request } = state;
  const fetched = useRun<Fetched>();
  const positions = useRef<MemoryPositions | null>(null);
  const [fault, setFault] = useState<ErrorData | null>(null);
  const fetchAll = (): void =>
    fetched.start(async (signal) => {
      const [data, why] = await Promise.all([
        host.call("memoryGraph", { limit: mostNodes, filter: { closed: true } }, { signal }),
        host.call("memoryWhy", {}, { signal }),
      ]);
      positions.current ??= await host.call("memoryPositions", {}, { signal });
      return { data, why, positions: positions.current };
    });
  useEffect(fetchAll, [revision]);
  const act = (work: Promise<unknown>): void => {
    setFault(null);
    work.catch((thrown: unknown) => setFault(asErrorData(thrown)));
  };
  const { result } = fetched;
  const asked = request?.why ?? null;
  const why = asked ?? result?.why ?? null;
  const empty = result !== null && result.data.nodes.length === 0;
  const walk = useMemo(
    () =>
      result && (
        <Walk
          data={result.data}
          positions={result.positions}
          why={why}
          memory={memory}
          request={request}
          revision={revision}
          act={act}
          onSettled={(kept) => {
            positions.current = kept;
            quietly(host, host.call("keepMemoryPositions", { positions: kept }));
          }}
        />
      ),
    [result, memory, request, asked],
  );
  return (
    <>
      {memory.phase === "failed" && <ErrorBox error={{ code: "internal", message: t("memoryFailed") }} />}
      {memory.problems.map((problem) => (
        <Note key={problem} icon="warning">
          {problem}
        </Note>
      ))}
      {fault && <ErrorBox error={fault} />}
      {fetched.status === "failed" && fetched.error && (
        <ErrorBox error={fetched.error}>
          <Button onClick={fetchAll}>{t("tryAgain")}</Button>
        </ErrorBox>
      )}
      {result === null && fetched.status === "busy" && <Waiting />}
      {empty && memory.pending.length === 0 ? (
        <Empty icon="type-hierarchy" title={t("memoryEmptyTitle")}>
          <p>{t("memoryEmptyText")}</p>
        </Empty>
      ) : (
        walk
      )}
      {memory.undo !== null && (
        <div class="undoBar" role="status">
          <span>{memory.undo}</span>
          <Button icon="discard" onClick={() => act(host.call("memoryUndo", {}))}>
            {t("memoryUndo")}
          </Button>
        </div>
      )}
    </>
  );
}

function facts({ counts, where, vectors, queued }: MemoryState): string {
  const { records, thoughts, entities, relations } = counts;
  const parts = [t("memoryCounts", { records, thoughts, entities, relations }), where];
  parts.push(vectors ? t("memoryVectors", { model: vectors.model }) : t("memoryTextOnly"));
  if (queued > 0) parts.push(t("memoryQueued", { n: queued }));
  return parts.filter(Boolean).join(" · ");
}
