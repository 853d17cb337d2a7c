import "./labs.css";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { LabsViewEvents, LabsViewMethods, LabsViewState } from "../../src/contract/labsView";
import { Button } from "../kit/controls";
import { useEvent } from "../kit/hooks";
import { getHost } from "../kit/host";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { Markdown } from "../kit/markdownView";
import { Empty } from "../kit/message";
import { quietly } from "../kit/quietly";
import { partsOf } from "./parts";

const host = getHost<LabsViewMethods, LabsViewEvents>();

/** The course: the list of labs, and the page of one with its steps as buttons. */
export function Labs(): VNode {
  const state = useEvent(host, "state");
  const top = useRef<HTMLElement>(null);
  const id = state?.open?.id;
  useEffect(() => {
    if (id === undefined) return;
    host.setState({ open: id });
    top.current?.scrollTo({ top: 0 });
  }, [id]);
  if (!state) return <Empty icon="mortar-board" title={t("labsTitle")} />;
  const at = state.labs.findIndex((lab) => lab.id === id);
  const go = (to: string): void => quietly(host, host.call("openLab", { id: to }));
  return (
    <div class="labs">
      <nav aria-label={t("labsTitle")}>
        <ol>
          {state.labs.map((lab) => (
            <li key={lab.id}>
              <button
                class={lab.id === id ? "current" : ""}
                aria-current={lab.id === id ? "page" : undefined}
                onClick={() => go(lab.id)}
              >
                <Icon name={lab.done ? "pass-filled" : "circle-large"} />
                <span>
                  {lab.number}. {lab.title}
                </span>
                {lab.done && <span class="hidden">{t("labDone")}</span>}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <main ref={top} tabIndex={-1}>
        {state.open && <Page open={state.open} running={state.running} />}
        {state.open && (
          <div class="row ends">
            <Button
              onClick={() =>
                quietly(host, host.call("markDone", { id: state.open?.id ?? "", done: !state.labs[at]?.done }))
              }
            >
              {state.labs[at]?.done ? t("labNotDone") : t("labMarkDone")}
            </Button>
            {at + 1 < state.labs.length && (
              <Button kind="primary" onClick={() => go(state.labs[at + 1]?.id ?? "")}>
                {t("labNext", { title: state.labs[at + 1]?.title ?? "" })}
              </Button>
            )}
          </div>
        )}
      </main>
    </div>
  );
}

function Page(props: { open: NonNullable<LabsViewState["open"]>; running: number | null }): VNode {
  const { id, page, pictures, ran } = props.open;
  const parts = useMemo(() => partsOf(page), [page]);
  return (
    <article>
      {parts.map((part, i) => {
        if (part.kind === "text") return <Markdown key={i} host={host} source={part.text} />;
        if (part.kind === "picture") {
          const source = pictures[part.name];
          return source ? (
            <img key={i} src={source} alt={part.alt} />
          ) : (
            <p key={i} class="quiet">
              {part.alt}
            </p>
          );
        }
        return (
          <p key={i} class="step">
            <Button
              kind="primary"
              disabled={props.running !== null}
              onClick={() => quietly(host, host.call("runStep", { id, step: part.step }))}
            >
              {part.label}
            </Button>
            {ran.includes(part.step) && (
              <span class="ran">
                <Icon name="check" /> {t("labRan")}
              </span>
            )}
          </p>
        );
      })}
    </article>
  );
}
