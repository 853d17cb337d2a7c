import "./chat.css";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { AttachedItem, ChatState, RunningAnswer } from "../../src/contract/chatView";
import type { ConversationNode } from "../../src/contract/conversation";
import { useEvent } from "../kit/hooks";
import { Help } from "../kit/help";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { ErrorBox } from "../kit/message";
import { asErrorData } from "../kit/host";
import { quietly } from "../kit/quietly";
import { TokenPopover } from "../kit/tokenPopover";
import { AssistantMessage } from "./assistantMessage";
import { useAttaching } from "./attach";
import { Branches } from "./branches";
import { Composer } from "./composer";
import { EmptyChat } from "./emptyChat";
import { EngineNote } from "./engineNote";
import { Header } from "./header";
import { host } from "./host";
import { useOpened } from "./opened";
import type { ShownLens } from "./liveLens";
import { Options } from "./options";
import { shown, siblingsOf } from "./path";
import { placeOf } from "./place";
import { UserMessage } from "./userMessage";
import { useFrame } from "./useFrame";

interface Kept {
  draft?: string;
  attached?: AttachedItem[];
}

/** Lenses are kept while the view lives: they are too large to store with a conversation. */
type Lenses = Map<string, ShownLens>;

export function Chat(): VNode {
  const state = useEvent(host, "state");
  const pushed = useEvent(host, "running");
  if (!state) return <div class="chat" aria-busy="true" />;
  return <Loaded state={state} running={pushed === undefined ? state.running : pushed} />;
}

function Loaded({ state, running: latest }: { state: ChatState; running: RunningAnswer | null }): VNode {
  const running = useFrame(latest);
  const { path, running: live } = useMemo(() => shown(state, running), [state, running]);
  const [text, setText] = useState((host.getState() as Kept | undefined)?.draft ?? "");
  const [error, setError] = useState<ReturnType<typeof asErrorData> | null>(null);
  const [panel, setPanel] = useState<"none" | "options" | "tree">("none");
  const opened = useOpened();
  const lenses = useRef<Lenses>(new Map()).current;
  const free = latest === null && state.engine.kind !== "failed";

  const attaching = useAttaching((host.getState() as Kept | undefined)?.attached);
  useEffect(() => host.setState({ draft: text, attached: attaching.items } satisfies Kept), [text, attaching.items]);
  if (live?.lens) lenses.set(live.node, { tokens: live.lens, rest: "later" });
  const [, drawAgain] = useState(0);
  useEffect(
    () =>
      host.on("lens", ({ node, tokens, left, incomplete }) => {
        lenses.set(node, { tokens, rest: incomplete ? "never" : left > 0 ? "now" : "none" });
        drawAgain((count) => count + 1);
      }),
    [lenses],
  );

  const send = (question: string): void => {
    setError(null);
    const sent = latest?.run
      ? host.call("steer", { text: question })
      : host.call("send", {
          text: question,
          ...(attaching.items.length > 0 && { attached: attaching.items.map(({ id }) => id) }),
        });
    sent.then(
      () => {
        setText((now) => (now === question ? "" : now));
        if (!latest?.run) attaching.clear();
      },
      (thrown: unknown) => setError(asErrorData(thrown)),
    );
  };
  const nodes: { node: ConversationNode; running: RunningAnswer | null }[] = path.map((node) => ({
    node,
    running: null,
  }));
  if (live) nodes.push({ node: asNode(live), running: live });
  const at = opened.opened;
  const openNode = at && nodes.find(({ node }) => node.id === at.message);
  const openToken = at && openNode?.node.tokens?.[at.index];
  return (
    <div class="chat">
      <Header state={state} treeOpen={panel === "tree"} onTree={() => setPanel(panel === "tree" ? "none" : "tree")} />
      {panel === "tree" && <Branches state={state} />}
      <Scroller
        key={state.conversation.id}
        stamp={live ? live.tokens.length : path.length}
        follow={live !== null}
        onScroll={opened.leave}
      >
        {nodes.length === 0 && <EmptyChat model={state.model} onAsk={send} free={free} />}
        {nodes.map(({ node, running: own }, i) =>
          node.role === "user" ? (
            <UserMessage key={node.id} node={node} siblings={siblingsOf(state.conversation, node)} free={free} />
          ) : (
            <AssistantMessage
              key={node.id}
              node={node}
              running={own}
              siblings={siblingsOf(state.conversation, node)}
              lens={lenses.get(node.id) ?? null}
              shade={state.options.confidence}
              free={free}
              last={i === nodes.length - 1}
              opened={opened}
              pending={state.pendingMemories}
            />
          ),
        )}
        {error && <ErrorBox error={error} />}
      </Scroller>
      <div class="hidden" role="status" aria-live="polite">
        {live ? t("answering") : path.at(-1)?.role === "assistant" ? t("answerDone") : ""}
      </div>
      {state.options.confidence && <Legend />}
      <EngineNote engine={state.engine} />
      {panel === "options" && <Options state={state} onClose={() => setPanel("none")} />}
      <Composer
        state={{ ...state, running: latest }}
        text={text}
        onText={setText}
        onSend={send}
        attaching={attaching}
        optionsOpen={panel === "options"}
        onOptions={() => setPanel(panel === "options" ? "none" : "options")}
      />
      {at && openNode && openToken && (
        <TokenPopover
          host={host}
          token={openToken}
          index={at.index}
          anchor={at.anchor}
          pinned={at.pinned}
          {...(free &&
            !openNode.node.run && {
              onBranch: (bar: { id: number }) => {
                quietly(host, host.call("branch", { node: openNode.node.id, token: at.index, choice: bar.id }));
                opened.close();
              },
            })}
          make={(instrument) =>
            openNode.node.run
              ? host.call("runPlace", { node: openNode.node.id, token: at.index, instrument })
              : placeOf(state, openNode.node.parent ?? "", openNode.node.tokens ?? [], at.index, instrument)
          }
          onClose={opened.close}
          onEnter={opened.stay}
          onLeave={opened.leave}
        />
      )}
    </div>
  );
}

/** A running answer in the shape of a written one, so that one component draws both. */
function asNode(running: RunningAnswer): ConversationNode {
  const { node, parent, text, thought, tokens, run } = running;
  // A call being written is a step, not an answer: it is drawn among the steps once it is whole.
  const said = run ? text.split("<tool_call>", 1)[0]! : text;
  return {
    id: node,
    parent,
    role: "assistant",
    text: said,
    thought,
    tokens: run ? [] : tokens,
    created: "",
    ...(run ? { run } : {}),
  };
}

/** The list of messages: stays at its end while an answer grows, unless a person scrolled up. */
function Scroller(props: { children: ComponentChildren; stamp: number; follow: boolean; onScroll: () => void }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    // An empty chat is read from its top.
    if (props.stamp > 0 && atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const toEnd = (): void => {
    atEnd.current = true;
    setAway(false);
    box.current!.scrollTop = box.current!.scrollHeight;
  };
  return (
    <div class="scrollerBox">
      <div
        ref={box}
        class="scroller"
        role="log"
        aria-live="off"
        aria-label={t("conversation")}
        tabIndex={0}
        onScroll={() => {
          const { scrollTop, clientHeight, scrollHeight } = box.current!;
          atEnd.current = scrollTop + clientHeight >= scrollHeight - 24;
          setAway(!atEnd.current);
          props.onScroll();
        }}
      >
        {props.children}
      </div>
      {away && (
        <div class="toEnd">
          <IconButton icon="arrow-down" label={t("toEnd")} onClick={toEnd} />
        </div>
      )}
    </div>
  );
}

/** What the shades of 'confidence' mean. */
function Legend(): VNode {
  const steps = ["≥ 90 %", "70–90 %", "40–70 %", "15–40 %", "< 15 %"];
  return (
    <div class="confidenceLegend small muted shaded" role="note" aria-label={t("confidence")}>
      <span>{t("confidenceLegend")}</span>
      {steps.map((step, i) => (
        <span key={step} class="step" data-c={i}>
          {step}
        </span>
      ))}
      <Help topic="confidence" />
    </div>
  );
}
