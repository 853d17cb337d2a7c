import "./panel.css";
import type { ComponentChildren, VNode } from "preact";
import type { InstrumentViewState } from "../../src/contract/instrumentView";
import type { ProbeText } from "./instrument";
import { Button, Checkbox } from "./controls";
import { Icon } from "./icon";
import { isEmpty } from "./instrument";
import { t } from "./l10n";
import { Empty, Note, Progress } from "./message";

/** The prompt of an instrument: raw text, a question through the chat template, or the tokens of a place elsewhere. */
export function ProbeBox(props: {
  probe: ProbeText;
  onChange: (probe: ProbeText) => void;
  onRun: () => void;
  busy: boolean;
  ready: boolean;
  label?: string;
  /** Text of the tokens, once a run has told it. */
  spelled?: string;
  children?: ComponentChildren;
  runLabel?: string;
}): VNode {
  const { probe, onChange, onRun, busy, ready, label = t("prompt"), spelled, children, runLabel = t("run") } = props;
  const canRun = ready && !busy && !isEmpty(probe);
  return (
    <div class="probe">
      {probe.kind === "tokens" ? (
        <div class="probeTokens">
          <Icon name="link" />
          <span class="grow">{t("tokensFrom", { n: probe.ids?.length ?? 0, title: probe.title ?? "" })}</span>
          <Button onClick={() => onChange({ kind: "prompt", text: spelled ?? "" })}>{t("writePrompt")}</Button>
        </div>
      ) : (
        <textarea
          class="box mono"
          rows={Math.min(8, Math.max(2, probe.text.split("\n").length))}
          value={probe.text}
          placeholder={t("promptPlaceholder")}
          aria-label={label}
          spellcheck={false}
          onInput={(event) => onChange({ ...probe, text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && canRun) {
              event.preventDefault();
              onRun();
            }
          }}
        />
      )}
      <div class="row">
        <Button kind="primary" icon="play" onClick={onRun} disabled={!canRun} title={t("runTitle")}>
          {runLabel}
        </Button>
        {probe.kind !== "tokens" && (
          <Checkbox
            label={t("asChat")}
            title={t("asChatSays")}
            checked={probe.kind === "chat"}
            onChange={(chat) => onChange({ ...probe, kind: chat ? "chat" : "prompt" })}
          />
        )}
        {children}
      </div>
    </div>
  );
}

/** The frame of every instrument panel: its title and help, the state of the model, and the altered note. */
export function Panel(props: {
  title: string;
  help: VNode;
  state: InstrumentViewState | undefined;
  children: ComponentChildren;
  actions?: ComponentChildren;
}): VNode {
  const { title, help, state, children, actions } = props;
  return (
    <div class="panel">
      <header class="panelHead">
        <h1>{title}</h1>
        {help}
        {state?.model && (
          <span class="muted small modelLine">{`${state.model.name} · ${state.model.quantisation} · ${t("layersCount", { n: state.model.layers })}`}</span>
        )}
        <span class="grow" />
        {actions}
      </header>
      {state && state.interventions.length > 0 && (
        <Note icon="beaker">{t("panelAltered", { names: state.interventions.join(", ") })}</Note>
      )}
      {state?.model ? (
        children
      ) : (
        <Empty icon="loading" title={t("waitingForModel")}>
          <p>{t("waitingForModelSays")}</p>
          <Progress fraction={null} label={t("waitingForModel")} />
        </Empty>
      )}
    </div>
  );
}
