import "./attachments.css";
import type { VNode } from "preact";
import type { AttachedItem, AttachItem } from "../../src/contract/chatView";
import type { KeptAttachment } from "../../src/contract/conversation";
import { count } from "../kit/format";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";

const icons: Record<AttachItem["kind"], string> = {
  file: "symbol-file",
  selection: "list-selection",
  symbol: "symbol-method",
};

/** What goes with the next message, each with a way to take it off again. */
export function Chips({ items, onRemove }: { items: AttachedItem[]; onRemove: (id: string) => void }): VNode | null {
  if (items.length === 0) return null;
  return (
    <ul class="attached" aria-label={t("attached")}>
      {items.map(({ id, label, kind, chars, leftOut }) => (
        <li key={id} class="attachChip" title={said(label, chars, leftOut)}>
          <Icon name={icons[kind]} />
          <span class="attachLabel">{label}</span>
          {leftOut > 0 && <span class="cut small">{t("attachCut", { n: leftOut })}</span>}
          <IconButton icon="close" label={t("attachRemove", { label })} onClick={() => onRemove(id)} />
        </li>
      ))}
    </ul>
  );
}

/** What went with a message, to be read: always text. */
export function Kept({ items }: { items: KeptAttachment[] }): VNode {
  return (
    <div class="attached">
      {items.map(({ label, text, leftOut }, i) => (
        <details key={i} class="keptAttachment">
          <summary class="small">
            <Icon name="attach" /> {label}
            {leftOut > 0 && <span class="cut">{t("attachCut", { n: leftOut })}</span>}
          </summary>
          <pre>{text.slice(0, 100_000)}</pre>
        </details>
      ))}
    </div>
  );
}

function said(label: string, chars: number, leftOut: number): string {
  const size = t("attachChars", { n: count(chars) });
  return leftOut > 0 ? `${label} · ${size} · ${t("attachCut", { n: leftOut })}` : `${label} · ${size}`;
}

/** What can be attached for the word after `#`. The textarea keeps the focus; it names the active one. */
export function Suggestions(props: {
  items: AttachItem[];
  active: number;
  onChoose: (item: AttachItem) => void;
}): VNode {
  const { items, active, onChoose } = props;
  return (
    <ul class="suggestions" id="attach-suggestions" role="listbox" aria-label={t("attachWhat")}>
      {items.length === 0 && <li class="muted small">{t("attachNothing")}</li>}
      {items.map((item, i) => (
        <li
          key={`${item.kind}${item.uri}${item.label}${item.line}`}
          id={`attach-${i}`}
          role="option"
          aria-selected={i === active}
          class={i === active ? "active" : ""}
          // Before the textarea loses the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(item);
          }}
        >
          <Icon name={icons[item.kind]} />
          <span class="suggestLabel">{item.kind === "selection" ? t("attachSelection") : item.label}</span>
          {item.detail && <span class="muted small suggestDetail">{item.detail}</span>}
        </li>
      ))}
    </ul>
  );
}
