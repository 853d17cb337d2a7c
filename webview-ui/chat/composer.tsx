import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { AgentMode } from "../../src/contract/agent";
import type { ChatState } from "../../src/contract/chatView";
import type { Word } from "../kit/l10n";
import { count } from "../kit/format";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";

const engineWords: Record<ChatState["engine"]["kind"], Word> = {
  off: "engineOff",
  starting: "engineStarting",
  loading: "engineLoading",
  ready: "engineReady",
  busy: "engineBusy",
  failed: "engineFailed",
};

const modeWords: Record<AgentMode, Word> = { chat: "modeChat", agent: "modeAgent", plan: "modePlan" };
const modeSays: Record<AgentMode, Word> = { chat: "modeChatSays", agent: "modeAgentSays", plan: "modePlanSays" };

/** Why nothing can be sent now, as a sentence; null when it can. */
export function whyNot(state: ChatState, text: string): Word | null {
  if (state.running && !state.running.run) return "whyRunning";
  if (state.engine.kind === "failed") return "whyFailed";
  return text.trim() === "" ? "whyEmpty" : null;
}

/** Where a question is written: grows with its text; Enter sends, Shift+Enter begins a line. */
export function Composer(props: {
  state: ChatState;
  text: string;
  onText: (text: string) => void;
  onSend: (text: string) => void;
  optionsOpen: boolean;
  onOptions: () => void;
}): VNode {
  const { state, text, onText, onSend, optionsOpen, onOptions } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const why = whyNot(state, text);
  const { options, running } = state;

  useLayoutEffect(() => {
    const element = area.current!;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, innerHeight * 0.4)}px`;
  }, [text]);
  useEffect(() => area.current?.focus(), [state.conversation.id]);

  const send = (): void => {
    if (why === null) onSend(text);
  };
  const set = (change: Partial<ChatState["options"]>): void => quietly(host, host.call("setOptions", change));
  return (
    <div class="composer">
      {state.interventions.length > 0 && (
        <div class="interventions small" title={t("alteredSays")}>
          <Icon name="beaker" /> {t("interventionsOn", { names: state.interventions.join(", ") })}
        </div>
      )}
      <div class="composerBox">
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={t(
            running?.run ? "placeholderSteer" : options.mode === "chat" ? "placeholder" : "placeholderGoal",
          )}
          aria-label={t("placeholder")}
          onInput={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <div class="composerRow">
          <button
            type="button"
            class="modelChip"
            title={
              state.model
                ? t("modelChipTitle", { name: state.model.name, state: t(engineWords[state.engine.kind]) })
                : t("chooseModel")
            }
            onClick={() => quietly(host, host.call("chooseModel", {}))}
          >
            <span class={`dot ${state.engine.kind}`} aria-hidden="true" />
            <span class="chipName">{state.model?.name ?? t("noModel")}</span>
            <span class="hidden">{t(engineWords[state.engine.kind])}</span>
          </button>
          <select
            class="modeSwitch"
            aria-label={t("mode")}
            title={t(modeSays[options.mode])}
            value={options.mode}
            disabled={!state.trusted}
            onChange={(event) => set({ mode: event.currentTarget.value as AgentMode })}
          >
            {(["chat", "agent", "plan"] as const).map((mode) => (
              <option key={mode} value={mode}>
                {t(modeWords[mode])}
              </option>
            ))}
          </select>
          <span class="grow" />
          <IconButton
            icon="color-mode"
            label={t("confidenceToggle")}
            pressed={options.confidence}
            onClick={() => set({ confidence: !options.confidence })}
          />
          <IconButton
            icon="layers"
            label={t("liveLensToggle")}
            pressed={options.liveLens}
            onClick={() => set({ liveLens: !options.liveLens })}
          />
          <IconButton icon="settings" label={t("options")} expanded={optionsOpen} onClick={onOptions} />
          <ContextMeter {...state.context} />
          {running ? (
            <button
              type="button"
              class="send"
              aria-label={t("stop")}
              title={t("stop")}
              onClick={() => quietly(host, host.call("stop", {}))}
            >
              <Icon name="debug-stop" />
            </button>
          ) : (
            <button
              type="button"
              class="send"
              aria-label={t("send")}
              title={why === null ? t("send") : t(why)}
              aria-disabled={why !== null}
              onClick={send}
            >
              <Icon name="arrow-up" />
            </button>
          )}
        </div>
      </div>
      {why !== null && why !== "whyEmpty" && why !== "whyRunning" && <p class="small muted whyNot">{t(why)}</p>}
      {!state.trusted && <p class="small muted whyNot">{t("whyUntrusted")}</p>}
    </div>
  );
}

/** How much of the context the shown path fills, as a ring with its numbers in words. */
function ContextMeter({ used, size }: { used: number; size: number }): VNode | null {
  if (size <= 0) return null;
  const part = Math.min(1, used / size);
  const around = 2 * Math.PI * 6;
  const text = t("contextUsed", { used: count(used), size: count(size), percent: String(Math.round(part * 100)) });
  return (
    <span
      class={`contextMeter${part > 0.9 ? " full" : ""}`}
      role="meter"
      aria-label={t("context")}
      aria-valuemin={0}
      aria-valuemax={size}
      aria-valuenow={used}
      aria-valuetext={text}
      title={text}
    >
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <circle class="ringBack" cx="9" cy="9" r="6" />
        <circle
          class="ringFill"
          cx="9"
          cy="9"
          r="6"
          stroke-dasharray={`${Math.max(part * around, used > 0 ? 1 : 0)} ${around}`}
          transform="rotate(-90 9 9)"
        />
      </svg>
    </span>
  );
}
