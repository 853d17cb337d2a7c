import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { RunningAnswer } from "../../src/contract/chatView";
import type { ConversationNode } from "../../src/contract/conversation";
import type { Word } from "../kit/l10n";
import type { useOpened } from "./opened";
import { Button } from "../kit/controls";
import { figure } from "../kit/format";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { Markdown } from "../kit/markdownView";
import { ErrorBox } from "../kit/message";
import { quietly } from "../kit/quietly";
import { markTokens } from "../kit/tokenText";
import { host } from "./host";
import { LiveLens } from "./liveLens";
import { Meters } from "./meters";
import type { ShownLens } from "./liveLens";
import { Run } from "./run";
import { Siblings } from "./siblings";
import { Thought } from "./thought";
import { TokensLayer } from "./tokensLayer";

const stops: Partial<Record<NonNullable<ConversationNode["stop"]>, Word>> = {
  max: "stoppedMax",
  context: "stoppedContext",
  cancelled: "stoppedCancelled",
};

/** An answer, written or being written: its thought, its text, its tokens, its lens and what can be done with it. */
export function AssistantMessage(props: {
  node: ConversationNode;
  running: RunningAnswer | null;
  siblings: ConversationNode[];
  lens: ShownLens | null;
  shade: boolean;
  free: boolean;
  last: boolean;
  opened: ReturnType<typeof useOpened>;
}): VNode {
  const { node, running, siblings, lens, shade, free, last, opened } = props;
  const [asTokens, setAsTokens] = useState(false);
  const tokens = node.tokens ?? [];
  const marks = useMemo(() => markTokens(node.text, tokens, "answer"), [node.text, tokens]);
  const thoughtMarks = useMemo(() => markTokens(node.thought ?? "", tokens, "thought"), [node.thought, tokens]);
  const thoughtTokens = tokens.filter((token) => token.part === "thought").length;
  const time =
    node.timings && node.timings.tokens > 0 ? (node.timings.generateMs * thoughtTokens) / node.timings.tokens : null;
  const open = opened.opened?.message === node.id ? opened.opened.index : null;

  // The pointer's side for the rendered text and for the tokens layer alike: both carry data-t.
  const tokenUnder = (event: MouseEvent): [number, HTMLElement] | null => {
    const element = (event.target as Element).closest<HTMLElement>("[data-t]");
    const index = Number(element?.dataset["t"]);
    return element && tokens[index] ? [index, element] : null;
  };
  const speed = running?.tokensPerSecond ?? rate(node);
  return (
    <article class="message assistant" aria-label={t("answer")} aria-busy={running !== null}>
      {node.altered && (
        <span class="badge" title={t("alteredSays")}>
          <Icon name="beaker" />{" "}
          {node.alteredBy && node.alteredBy.length > 0
            ? t("alteredBy", { names: node.alteredBy.join(", ") })
            : t("altered")}
        </span>
      )}
      {node.run && <Run run={node.run} node={node.id} free={free} />}
      <div
        class="answerBody"
        onMouseOver={(event) => {
          const under = tokenUnder(event);
          if (under) opened.hover(node.id, ...under);
        }}
        onMouseLeave={opened.leave}
        onClick={(event) => {
          const under = tokenUnder(event);
          // A click that ends a selection of text is no click on a token.
          if (under && (getSelection()?.isCollapsed ?? true)) opened.pin(node.id, ...under);
        }}
      >
        {asTokens && tokens.length > 0 ? (
          <TokensLayer
            tokens={tokens}
            shade={shade}
            open={open}
            onFocus={(index, element) => opened.focus(node.id, index, element)}
            onOpen={(index, element) => opened.pin(node.id, index, element)}
            onLeave={opened.leave}
          />
        ) : (
          <>
            {node.thought && (
              <Thought
                text={node.thought}
                tokens={thoughtTokens}
                time={time}
                live={running?.phase === "thought"}
                marks={thoughtMarks}
                shade={shade}
              />
            )}
            {ended(node) && <Markdown host={host} source={node.text} marks={marks} shade={shade} />}
          </>
        )}
        {running && <Writing running={running} />}
      </div>
      {node.error && (
        <ErrorBox error={node.error}>
          <Button onClick={() => quietly(host, host.call("regenerate", { node: node.id }))} disabled={!free}>
            {t("tryAgain")}
          </Button>
        </ErrorBox>
      )}
      {node.stop && stops[node.stop] && <p class="muted small stopNote">{t(stops[node.stop]!)}</p>}
      {node.collapsed && (
        <p class="small collapsedNote" role="alert">
          <Icon name="warning" /> {t("chatCollapsed", { entropy: figure(node.collapsed.entropy) })}
        </p>
      )}
      {!node.run && <Meters tokens={tokens} />}
      {lens && lens.tokens.length > 0 && <LiveLens id={node.id} lens={lens} tokens={tokens} live={running !== null} />}
      {!running && (
        <div class={`actions${last ? " last" : ""}`}>
          <Siblings node={node.id} all={siblings} />
          <IconButton
            icon="symbol-parameter"
            label={asTokens ? t("showRendered") : t("showTokens")}
            text={t("tokens")}
            pressed={asTokens}
            disabled={tokens.length === 0}
            onClick={() => setAsTokens(!asTokens)}
          />
          <IconButton
            icon="copy"
            label={t("copy")}
            onClick={() => quietly(host, host.call("copy", { text: node.text }))}
          />
          <IconButton
            icon="refresh"
            label={t("regenerate")}
            disabled={!free}
            onClick={() => quietly(host, host.call("regenerate", { node: node.id }))}
          />
          <Thumb node={node} rating="up" />
          <Thumb node={node} rating="down" />
          {speed !== null && speed > 0 && (
            <span class="muted small speed" title={t("speedSays")}>
              {t("tokensPerSecond", { value: figure(speed) })}
            </span>
          )}
        </div>
      )}
    </article>
  );
}

/** A run that did not come to an answer says why among its steps; there is no answer to draw. */
function ended({ run }: ConversationNode): boolean {
  return run === undefined || run.state === "running" || run.state === "answered";
}

function rate({ timings }: ConversationNode): number | null {
  if (!timings || timings.tokens < 2 || timings.generateMs <= 0) return null;
  return (timings.tokens / timings.generateMs) * 1000;
}

function Thumb({ node, rating }: { node: ConversationNode; rating: "up" | "down" }): VNode {
  const pressed = node.rating === rating;
  return (
    <IconButton
      icon={rating === "up" ? (pressed ? "thumbsup-filled" : "thumbsup") : pressed ? "thumbsdown-filled" : "thumbsdown"}
      label={t(rating === "up" ? "goodAnswer" : "badAnswer")}
      pressed={pressed}
      onClick={() => quietly(host, host.call("rate", { node: node.id, rating: pressed ? null : rating }))}
    />
  );
}

function Writing({ running }: { running: RunningAnswer }): VNode {
  const reading = running.phase === "prompt" && running.tokens.length === 0;
  return (
    <div class="writing muted small">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {reading ? (
        <span>{t("readingPrompt", { percent: String(Math.round(running.promptFraction * 100)) })}</span>
      ) : (
        <span>
          {running.tokensPerSecond > 0 && t("tokensPerSecond", { value: figure(running.tokensPerSecond) })}
          {running.tokensPerSecond > 0 && " · "}
          {t("tokensCount", { n: running.tokens.length })}
        </span>
      )}
    </div>
  );
}
