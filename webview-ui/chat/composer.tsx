import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AgentMode } from "../../src/contract/agent";
import type { AttachItem, ChatState } from "../../src/contract/chatView";
import type { Word } from "../kit/l10n";
import { count } from "../kit/format";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { ErrorBox } from "../kit/message";
import { quietly } from "../kit/quietly";
import { droppedUris, hashWord, useSuggestions, type Attaching } from "./attach";
import { Chips, Suggestions } from "./attachments";
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
  attaching: Attaching;
  optionsOpen: boolean;
  onOptions: () => void;
}): VNode {
  const { state, text, onText, onSend, attaching, optionsOpen, onOptions } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const why = whyNot(state, text);
  const { options, running } = state;
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [closed, setClosed] = useState(-1);
  const [dropping, setDropping] = useState(false);
  const word = hashWord(text, caret);
  const open = word !== null && word.from !== closed;
  const suggestions = useSuggestions(open ? word.query : null);
  const at = Math.min(active, suggestions.length - 1);
  const choose = (item: AttachItem): void => {
    if (!word) return;
    onText(text.slice(0, word.from) + text.slice(word.from + 1 + word.query.length));
    attaching.add(item);
    setActive(0);
    area.current?.focus();
  };
  /** Keys that belong to the list while it is open; says whether one was taken. */
  const listKey = (key: string): boolean => {
    if (!open) return false;
    if (key === "Escape") setClosed(word.from);
    else if (suggestions.length === 0) return false;
    else if (key === "ArrowDown") setActive((at + 1) % suggestions.length);
    else if (key === "ArrowUp") setActive((at + suggestions.length - 1) % suggestions.length);
    else if (key === "Enter" || key === "Tab") choose(suggestions[at]!);
    else return false;
    return true;
  };

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
      {attaching.error && <ErrorBox error={attaching.error} />}
      <div
        class={`composerBox${dropping ? " dropping" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setDropping(true);
        }}
        onDragLeave={() => setDropping(false)}
        onDrop={(event) => {
          setDropping(false);
          const uris = event.dataTransfer ? droppedUris(event.dataTransfer) : [];
          if (uris.length === 0) return;
          event.preventDefault();
          for (const uri of uris) attaching.add({ kind: "file", label: uri.slice(-200), uri });
        }}
      >
        {open && <Suggestions items={suggestions} active={at} onChoose={choose} />}
        <Chips items={attaching.items} onRemove={attaching.remove} />
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={t(
            running?.run ? "placeholderSteer" : options.mode === "chat" ? "placeholder" : "placeholderGoal",
          )}
          aria-label={t("placeholder")}
          aria-haspopup="listbox"
          aria-controls={open ? "attach-suggestions" : undefined}
          aria-activedescendant={open && at >= 0 ? `attach-${at}` : undefined}
          aria-autocomplete="list"
          onInput={(event) => {
            setCaret(event.currentTarget.selectionStart);
            setClosed(-1);
            setActive(0);
            onText(event.currentTarget.value);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={(event) => {
            if (!event.isComposing && listKey(event.key)) {
              event.preventDefault();
              return;
            }
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
          {state.server !== undefined && options.mode !== "chat" && (
            <span class="serverChip" title={t("serverChipTitle", { name: state.server })}>
              <Icon name="cloud" />
              <span class="chipName">{state.server}</span>
            </span>
          )}
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
          <IconButton icon="attach" label={t("attachFile")} onClick={attaching.pick} />
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
