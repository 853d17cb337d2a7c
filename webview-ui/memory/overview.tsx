import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { MemoryState, MemoryWhy, PendingWrite, ReflectResult, ReflectStage } from "../../src/contract/memory";
import type { Word } from "../kit/l10n";
import { Button } from "../kit/controls";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Progress, RunState } from "../kit/message";
import { Part } from "./details";
import type { Indexed } from "./graphData";
import { host } from "./host";
import { NodeLink } from "./nodeLink";
import { lineText } from "./nodeText";
import { PathSteps } from "./pathSteps";

/** Beside the graph while nothing is chosen: what waits, what the last answer was given, reflection. */
export function Overview(props: {
  graph: Indexed;
  memory: MemoryState;
  why: MemoryWhy | null;
  onPick: (node: number) => void;
  act: (work: Promise<unknown>) => void;
}): VNode {
  const { graph, memory, why, onPick, act } = props;
  return (
    <section class="details" aria-label={t("memoryOverview")}>
      {memory.pending.length > 0 && (
        <Part title={t("memoryWaiting", { n: memory.pending.length })}>
          {memory.pending.slice(0, 20).map((pending) => (
            <Waiting key={pending.id} pending={pending} act={act} />
          ))}
        </Part>
      )}
      {why && <Read graph={graph} why={why} onPick={onPick} />}
      <Reflection memory={memory} />
      <Part title={t("memoryKeys")}>
        <p class="muted">{t("memoryKeysSay")}</p>
      </Part>
    </section>
  );
}

/** The memories that an answer was given, each with its reason, and the way through the graph where there was one. */
function Read(props: { graph: Indexed; why: MemoryWhy; onPick: (node: number) => void }): VNode {
  const { graph, why, onPick } = props;
  return (
    <Part title={t("memoryLastRead")}>
      {why.goal !== "" && <p class="quoted">{lineText(why.goal)}</p>}
      {why.hits.length === 0 && <p class="muted">{t("memoryNothingRead")}</p>}
      <ul class="plainList">
        {why.hits.map(({ item, why: reason, path }) => {
          const index = graph.index.get(item.id);
          const steps = (path ?? []).flatMap((step) => graph.index.get(step) ?? []);
          return (
            <li key={item.id}>
              {index === undefined ? (
                <span class="closed">{lineText(item.text)}</span>
              ) : (
                <NodeLink node={graph.nodes[index]!} onClick={() => onPick(index)} />
              )}
              <p class="muted small">{lineText(reason)}</p>
              {steps.length > 1 && <PathSteps graph={graph} path={steps} onPick={onPick} />}
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

const stages: Record<ReflectStage, Word> = {
  fold: "memoryStageFold",
  triples: "memoryStageTriples",
  thoughts: "memoryStageThoughts",
  communities: "memoryStageCommunities",
  decay: "memoryStageDecay",
};

function Reflection({ memory: { reflecting } }: { memory: MemoryState }): VNode {
  const run = useRun<ReflectResult>();
  const [stage, setStage] = useState<ReflectStage>("fold");
  const start = (): void =>
    run.start((signal, progress) =>
      host.call(
        "memoryReflect",
        {},
        {
          signal,
          onProgress: ({ stage: now, done, total }) => {
            setStage(now);
            progress(total > 0 ? done / total : null);
          },
        },
      ),
    );
  const { result } = run;
  return (
    <Part title={t("memoryReflection")}>
      <p class="muted">{t("memoryReflectionSays")}</p>
      {run.status !== "busy" && reflecting && (
        <div class="row">
          <Progress
            fraction={reflecting.total > 0 ? reflecting.done / reflecting.total : null}
            label={t(stages[reflecting.stage])}
          />
          <span class="muted small">{t(stages[reflecting.stage])}</span>
        </div>
      )}
      {run.status !== "busy" && !reflecting && (
        <div class="row">
          <Button icon="sparkle" onClick={start}>
            {t("memoryReflectNow")}
          </Button>
        </div>
      )}
      <RunState run={run} what={t(stages[stage])} />
      {run.status === "done" && result && (
        <p class="small">
          {t("memoryReflected", {
            thoughts: result.thoughts,
            entities: result.entities,
            relations: result.relations,
            communities: result.communities,
          })}
          {!result.complete && ` ${t("memoryReflectMore")}`}
        </p>
      )}
    </Part>
  );
}

/** A memory that a person is asked about: kept as it is, kept in other words, or not. */
function Waiting({ pending, act }: { pending: PendingWrite; act: (work: Promise<unknown>) => void }): VNode {
  const { id, text, replaces, why, taint } = pending;
  const [draft, setDraft] = useState(text);
  const changed = draft.trim() !== "" && draft.trim() !== text;
  return (
    <div class="waiting">
      <textarea
        class="box"
        rows={2}
        value={draft}
        aria-label={t("memoryEditText")}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      {replaces && <p class="muted small">{t("memoryReplaces", { text: lineText(replaces.text) })}</p>}
      {why !== "" && <p class="muted small">{lineText(why)}</p>}
      {taint !== undefined && <p class="muted small">{t("memoryTainted", { source: lineText(taint) })}</p>}
      <div class="row">
        <Button
          kind="primary"
          onClick={() => act(host.call("memoryApprove", { id, ...(changed ? { text: draft.trim() } : {}) }))}
        >
          {t("memoryKeep")}
        </Button>
        <Button onClick={() => act(host.call("memoryRefuse", { id }))}>{t("memoryDrop")}</Button>
      </div>
    </div>
  );
}
