import "../kit/panel.css";
import "./operator.css";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { OperatorHold, OperatorState, OperatorStep } from "../../src/contract/operator";
import type { ErrorData } from "../../src/contract/errors";
import type { Word } from "../kit/l10n";
import { Button } from "../kit/controls";
import { useEvent } from "../kit/hooks";
import { asErrorData } from "../kit/host";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { Empty, ErrorBox, Note, Progress } from "../kit/message";
import { Hands } from "./hands";
import { host } from "./host";
import { PagePicture } from "./pagePicture";
import { StepList } from "./stepList";

const holdWords: Record<OperatorHold, Word> = {
  agent: "operatorByAgent",
  paused: "operatorPaused",
  person: "operatorByPerson",
};
const holdIcons: Record<OperatorHold, string> = { agent: "robot", paused: "debug-pause", person: "person" };

/** The agent's browser as it is driven: every step with its picture, and a person's hand on it. */
export function Operator(): VNode {
  const state = useEvent(host, "state");
  const [chosen, setChosen] = useState<number | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  const last = state?.steps.at(-1);
  // A step whose turn has passed out of what is kept is shown no longer.
  const shown = state?.steps.find(({ n }) => n === chosen) ?? last;
  const live = shown === last;
  useEffect(() => {
    if (state?.hold === "person") setChosen(null);
  }, [state?.hold]);
  if (!state) return <div class="panel" aria-busy="true" />;
  const act = (work: Promise<unknown>): void => {
    setError(null);
    work.catch((thrown: unknown) => setError(asErrorData(thrown)));
  };
  return (
    <div class="panel operatorPanel">
      <Head state={state} act={act} />
      {error && <ErrorBox error={error} />}
      {!shown && !state.open && state.busy === null ? (
        <Empty icon="globe" title={t("operatorNone")}>
          <p>{t("operatorNoneSays")}</p>
        </Empty>
      ) : (
        <div class="operatorBody">
          <section class="section pageSide" aria-label={t("operatorPage")}>
            <div class="address" title={shown?.url}>
              <Icon name="globe" />
              <bdi class="mono grow" dir="ltr">
                {shown?.url ?? ""}
              </bdi>
              {!live && (
                <button type="button" class="linkButton" onClick={() => setChosen(null)}>
                  {t("operatorLive")}
                </button>
              )}
            </div>
            {state.busy !== null && (
              <div class="busyLine" role="status">
                <Progress fraction={null} label={state.busy} />
                <span class="muted">{state.busy}</span>
              </div>
            )}
            {shown && <PagePicture step={shown} state={state} live={live} act={act} />}
            {state.hold === "person" && state.open && <Hands act={act} />}
            {state.open && state.headless && state.hold !== "person" && <Note>{t("operatorHeadless")}</Note>}
          </section>
          <section class="section stepSide" aria-label={t("operatorSteps")}>
            <h2>{t("operatorSteps")}</h2>
            <StepList
              steps={state.steps}
              chosen={shown?.n ?? null}
              onChoose={(n) => setChosen(n === last?.n ? null : n)}
            />
            {shown && <StepDetails step={shown} />}
          </section>
        </div>
      )}
    </div>
  );
}

function Head({ state, act }: { state: OperatorState; act: (work: Promise<unknown>) => void }): VNode {
  const { hold, open, title } = state;
  return (
    <header class="panelHead">
      <h1>{t("operatorTitle")}</h1>
      <span class={`holdChip ${open ? hold : "closed"}`} role="status">
        <Icon name={open ? holdIcons[hold] : "circle-slash"} />
        {t(open ? holdWords[hold] : "operatorClosed")}
      </span>
      <bdi class="pageTitle muted grow">{title}</bdi>
      {hold === "agent" && (
        <Button icon="debug-pause" disabled={!open} onClick={() => act(host.call("pause", {}))}>
          {t("operatorPause")}
        </Button>
      )}
      {hold === "paused" && (
        <Button kind="primary" icon="debug-continue" onClick={() => act(host.call("goOn", {}))}>
          {t("operatorGoOn")}
        </Button>
      )}
      {hold === "person" ? (
        <Button kind="primary" icon="reply" onClick={() => act(host.call("giveBack", {}))}>
          {t("operatorGiveBack")}
        </Button>
      ) : (
        <Button icon="person" disabled={!open} onClick={() => act(host.call("takeOver", {}))}>
          {t("operatorTakeOver")}
        </Button>
      )}
      <Button
        icon="debug-stop"
        disabled={!open && state.busy === null}
        title={t("operatorStopSays")}
        onClick={() => act(host.call("stop", {}))}
      >
        {t("operatorStop")}
      </Button>
    </header>
  );
}

function StepDetails({ step }: { step: OperatorStep }): VNode {
  return (
    <div class="stepDetails">
      <h3>{t("operatorStep", { n: step.n })}</h3>
      <p class="stepAction">{step.action}</p>
      {(step.expect !== undefined || step.surprise !== undefined) && (
        <dl class="facts">
          {step.expect !== undefined && (
            <>
              <dt>{t("operatorExpected")}</dt>
              <dd>{step.expect}</dd>
            </>
          )}
          {step.surprise !== undefined && (
            <>
              <dt>{t("operatorCame")}</dt>
              <dd class="came">{step.surprise}</dd>
            </>
          )}
        </dl>
      )}
      {step.snapshot !== "" && (
        <details>
          <summary>{t("operatorSnapshot")}</summary>
          <p class="muted small">{t("operatorSnapshotSays")}</p>
          {/* Focusable, so that a long one is scrolled with the keyboard. */}
          <pre class="snapshot" tabIndex={0} aria-label={t("operatorSnapshot")} role="region">
            {step.snapshot}
          </pre>
        </details>
      )}
    </div>
  );
}
