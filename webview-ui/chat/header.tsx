import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatState } from "../../src/contract/chatView";
import type { ConversationSummary } from "../../src/contract/conversation";
import { Button } from "../kit/controls";
import { when } from "../kit/format";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";

/** The shown conversation's title, which opens the list of all, and what is done with conversations. */
export function Header(props: { state: ChatState; treeOpen: boolean; onTree: () => void }): VNode {
  const { state, treeOpen, onTree } = props;
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !box.current?.contains(event.target as Node))
        setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, [open]);
  const title = state.conversation.title || t("newConversation");
  return (
    <header class="chatHeader" ref={box}>
      <button
        type="button"
        class="conversationTitle"
        aria-expanded={open}
        aria-haspopup="dialog"
        title={t("conversations")}
        onClick={() => setOpen(!open)}
      >
        <span>{title}</span>
        <Icon name="chevron-down" />
      </button>
      <span class="grow" />
      <IconButton
        icon="type-hierarchy"
        label={t("branches")}
        pressed={treeOpen}
        disabled={state.conversation.nodes.length < 2}
        onClick={onTree}
      />
      <IconButton
        icon="add"
        label={t("newConversation")}
        onClick={() => quietly(host, host.call("newConversation", {}))}
      />
      {open && (
        <div class="switcher" role="dialog" aria-label={t("conversations")}>
          {state.conversations.length === 0 && <p class="muted">{t("noConversations")}</p>}
          <ul>
            {state.conversations.map((each) => (
              <Row
                key={each.id}
                each={each}
                current={each.id === state.conversation.id}
                onDone={() => setOpen(false)}
              />
            ))}
          </ul>
        </div>
      )}
    </header>
  );
}

function Row({ each, current, onDone }: { each: ConversationSummary; current: boolean; onDone: () => void }): VNode {
  const [mode, setMode] = useState<"plain" | "rename" | "delete">("plain");
  const [title, setTitle] = useState(each.title);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (mode === "rename") input.current?.select();
  }, [mode]);
  const name = each.title || t("newConversation");
  if (mode === "rename") {
    const save = (): void => {
      if (title.trim() !== "") quietly(host, host.call("renameConversation", { id: each.id, title: title.trim() }));
      setMode("plain");
    };
    return (
      <li class="conversationRow">
        <input
          ref={input}
          class="box grow"
          value={title}
          aria-label={t("rename")}
          onInput={(event) => setTitle(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.isComposing) save();
            if (event.key === "Escape") {
              event.stopPropagation();
              setMode("plain");
            }
          }}
        />
        <IconButton icon="check" label={t("rename")} onClick={save} />
        <IconButton icon="close" label={t("cancel")} onClick={() => setMode("plain")} />
      </li>
    );
  }
  if (mode === "delete") {
    return (
      <li class="conversationRow confirm" role="alertdialog" aria-label={t("deleteConfirm", { title: name })}>
        <p>{t("deleteConfirm", { title: name })}</p>
        <div class="row">
          <Button
            kind="primary"
            onClick={() => {
              setMode("plain");
              quietly(host, host.call("deleteConversation", { id: each.id }));
            }}
          >
            {t("delete")}
          </Button>
          <Button onClick={() => setMode("plain")}>{t("cancel")}</Button>
        </div>
      </li>
    );
  }
  return (
    <li class={`conversationRow${current ? " current" : ""}`}>
      <button
        type="button"
        class="conversationOpen"
        aria-current={current}
        onClick={() => {
          quietly(host, host.call("openConversation", { id: each.id }));
          onDone();
        }}
      >
        <span class="conversationName">{name}</span>
        <span class="muted small">{`${t("turns", { n: each.turns })} · ${when(each.updated)}`}</span>
      </button>
      <IconButton icon="edit" label={t("renameNamed", { title: name })} onClick={() => setMode("rename")} />
      <IconButton icon="trash" label={t("deleteNamed", { title: name })} onClick={() => setMode("delete")} />
    </li>
  );
}
