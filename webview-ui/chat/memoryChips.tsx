import "./memoryChips.css";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { MemoryWrote } from "../../src/contract/agent";
import type { MemoryUsed } from "../../src/contract/agentView";
import type { ConversationNode } from "../../src/contract/conversation";
import type { ErrorData } from "../../src/contract/errors";
import { Button } from "../kit/controls";
import { asErrorData } from "../kit/host";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { ErrorBox } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";

/** What an answer was given from memory and what was kept of it, each to be corrected or forgotten with a click. */
export function MemoryChips({ node, pending }: { node: ConversationNode; pending: readonly string[] }): VNode | null {
  const { read, wrote } = memoryOf(node);
  const [open, setOpen] = useState(false);
  const said = wrote.filter(({ kept, pending: asked, id }) => kept || (asked === true && pending.includes(id ?? "")));
  if (read.length === 0 && said.length === 0) return null;
  return (
    <div class="memoryChips">
      {read.length > 0 && (
        <button
          type="button"
          class="memoryChip small"
          aria-expanded={open}
          title={t("memoryUsedSays")}
          onClick={() => setOpen(!open)}
        >
          <Icon name="lightbulb" /> {t("memoryUsedChip", { n: read.length })}
          <Icon name={open ? "chevron-up" : "chevron-down"} />
        </button>
      )}
      {open && (
        <div class="memoryUsedList">
          {read.map((used) => (
            <Line key={used.id ?? used.text} id={used.id} text={used.text} why={whyOf(used)} />
          ))}
          <Button icon="type-hierarchy" onClick={() => quietly(host, host.call("showMemory", { node: node.id }))}>
            {t("memoryShowInGraph")}
          </Button>
        </div>
      )}
      {said.map((one) =>
        one.pending ? (
          <Asked key={one.id ?? one.text} wrote={one} />
        ) : (
          <Line key={one.id ?? one.text} id={one.id} text={one.text} why={one.why} title={t("memoryRememberedChip")} />
        ),
      )}
    </div>
  );
}

/** A run tells of each of its steps; a plain answer of itself. What several steps were given is said once. */
function memoryOf({ run, memory }: ConversationNode): { read: MemoryUsed[]; wrote: MemoryWrote[] } {
  if (!run) return memory ?? { read: [], wrote: [] };
  const read = new Map(run.steps.flatMap((step) => step.read.map((used) => [used.id ?? used.text, used] as const)));
  return { read: [...read.values()], wrote: run.steps.flatMap((step) => step.wrote ?? []) };
}

function whyOf({ why, source }: MemoryUsed): string {
  const from = source?.file ?? source?.url ?? source?.run;
  return from === undefined ? why : `${why} · ${from}`;
}

/** One memory: its text, why it is here, and what a person may do about it. */
function Line(props: { id: string | undefined; text: string; why: string; title?: string }): VNode {
  const { id, text, why, title } = props;
  const [now, setNow] = useState(text);
  const [draft, setDraft] = useState<string | null>(null);
  const [gone, setGone] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const act = (work: Promise<unknown>, done: () => void): void => {
    setError(null);
    work.then(done, (thrown: unknown) => setError(asErrorData(thrown)));
  };
  const save = (): void => {
    const next = draft?.trim() ?? "";
    if (id !== undefined && next !== "" && next !== now) {
      act(host.call("memoryEdit", { id, text: next }), () => setNow(next));
    }
    setDraft(null);
  };
  if (gone) return <p class="small muted memoryGone">{t("memoryForgotten")}</p>;
  return (
    <div class="memoryLine">
      {draft === null ? (
        <div class="memoryLineText">
          {title !== undefined && (
            <span class="small muted memoryMark">
              <Icon name="bookmark" /> {title}{" "}
            </span>
          )}
          <span>{now}</span>
          {why !== "" && <span class="small muted memoryWhy">{why}</span>}
        </div>
      ) : (
        <textarea
          class="box"
          rows={2}
          value={draft}
          aria-label={t("memoryEditText")}
          autofocus
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setDraft(null);
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
              event.preventDefault();
              save();
            }
          }}
        />
      )}
      {id !== undefined && (
        <span class="memoryActions">
          {draft === null ? (
            <IconButton icon="edit" label={t("memoryCorrect")} onClick={() => setDraft(now)} />
          ) : (
            <IconButton icon="check" label={t("memorySave")} onClick={save} />
          )}
          <IconButton
            icon="type-hierarchy"
            label={t("memoryShowInGraph")}
            onClick={() => quietly(host, host.call("showMemory", { ids: [id] }))}
          />
          <IconButton
            icon="trash"
            label={t("memoryForget")}
            onClick={() => act(host.call("memoryForget", { ids: [id] }), () => setGone(true))}
          />
        </span>
      )}
      {error && <ErrorBox error={error} />}
    </div>
  );
}

/** A memory that is kept only on a person's word, which they give here. */
function Asked({ wrote: { id, text, why } }: { wrote: MemoryWrote }): VNode {
  const [draft, setDraft] = useState(text);
  const [error, setError] = useState<ErrorData | null>(null);
  const act = (work: Promise<unknown>): void => {
    setError(null);
    work.catch((thrown: unknown) => setError(asErrorData(thrown)));
  };
  const changed = draft.trim() !== "" && draft.trim() !== text;
  return (
    <section class="ask" role="group" aria-label={t("memoryAskedChip")}>
      <p>
        <Icon name="bookmark" /> {t("memoryAskedChip")}
      </p>
      <textarea
        class="box"
        rows={2}
        value={draft}
        aria-label={t("memoryEditText")}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      {why !== "" && <p class="small muted">{why}</p>}
      <div class="row askButtons">
        <Button
          kind="primary"
          onClick={() => act(host.call("memoryApprove", { id: id ?? "", ...(changed ? { text: draft.trim() } : {}) }))}
        >
          {t("memoryKeep")}
        </Button>
        <Button onClick={() => act(host.call("memoryRefuse", { id: id ?? "" }))}>{t("memoryDrop")}</Button>
      </div>
      {error && <ErrorBox error={error} />}
    </section>
  );
}
