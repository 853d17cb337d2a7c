import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ConversationNode } from "../../src/contract/conversation";
import { Button } from "../kit/controls";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { Kept } from "./attachments";
import { host } from "./host";
import { Siblings } from "./siblings";

/** A question: its text as it was typed, to copy or to ask anew in other words. */
export function UserMessage(props: { node: ConversationNode; siblings: ConversationNode[]; free: boolean }): VNode {
  const { node, siblings, free } = props;
  const [draft, setDraft] = useState<string | null>(null);
  if (draft !== null) {
    return <Editor text={draft} onChange={setDraft} onCancel={() => setDraft(null)} node={node.id} free={free} />;
  }
  return (
    <article class="message user" aria-label={t("yourMessage")}>
      <div class="bubble">{node.text}</div>
      {node.attachments && node.attachments.length > 0 && <Kept items={node.attachments} />}
      <div class="actions">
        <Siblings node={node.id} all={siblings} />
        <IconButton icon="edit" label={t("edit")} disabled={!free} onClick={() => setDraft(node.text)} />
        <IconButton
          icon="copy"
          label={t("copy")}
          onClick={() => quietly(host, host.call("copy", { text: node.text }))}
        />
        <IconButton
          icon="bookmark"
          label={t("memoryRememberMessage")}
          onClick={() => quietly(host, host.call("rememberText", { text: node.text }))}
        />
      </div>
    </article>
  );
}

function Editor(props: {
  node: string;
  text: string;
  free: boolean;
  onChange: (text: string) => void;
  onCancel: () => void;
}): VNode {
  const { node, text, free, onChange, onCancel } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(text.length, text.length);
  }, []);
  const send = (): void => {
    if (!free || text.trim() === "") return;
    quietly(host, host.call("edit", { node, text }));
    onCancel();
  };
  return (
    <article class="message user editing" aria-label={t("editMessage")}>
      <textarea
        ref={area}
        class="box"
        rows={Math.min(12, text.split("\n").length + 1)}
        value={text}
        aria-label={t("editMessage")}
        onInput={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onCancel();
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
          }
        }}
      />
      <div class="row">
        <Button kind="primary" onClick={send} disabled={!free || text.trim() === ""}>
          {t("askAnew")}
        </Button>
        <Button onClick={onCancel}>{t("cancel")}</Button>
      </div>
    </article>
  );
}
