import type { VNode } from "preact";
import { Fragment } from "preact";
import { useRef, useState } from "preact/hooks";
import type { GeneratedToken } from "../../src/contract/token";
import { percent } from "../kit/format";
import { t } from "../kit/l10n";
import { confidenceBucket } from "../kit/tokenText";
import { visibleToken } from "../kit/visible";
import "../kit/tokens.css";
import { moveByKey } from "../kit/roving";

/** A line break inside a token also breaks the line, so that the layer keeps the text's shape. */
function breaks(token: GeneratedToken): boolean {
  return token.text.includes("\n");
}

/**
 * Every token of a reply, each a thing to focus: arrow keys move token by token, Home and End to the ends, Enter opens.
 * One of them is in the tab order (a roving tabindex). The pointer's side is handled by the message, as for its text.
 */
export function TokensLayer(props: {
  tokens: readonly GeneratedToken[];
  shade: boolean;
  open: number | null;
  onFocus: (index: number, element: HTMLElement) => void;
  onOpen: (index: number, element: HTMLElement) => void;
  onLeave: () => void;
}): VNode {
  const { tokens, shade, open, onFocus, onOpen, onLeave } = props;
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const current = Math.min(active, tokens.length - 1);

  const onKeyDown = (event: KeyboardEvent): void => {
    const elements = [...(box.current?.querySelectorAll<HTMLElement>("[data-t]") ?? [])];
    const to = moveByKey(event.key, elements, current);
    if (to !== null) {
      setActive(to);
      elements[to]?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      const at = elements[current];
      if (at) onOpen(current, at);
    } else return;
    event.preventDefault();
  };
  return (
    <div
      class="tokens mono"
      role="listbox"
      aria-label={t("tokensLayer")}
      aria-orientation="horizontal"
      ref={box}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        if (!box.current?.contains(event.relatedTarget as Node | null)) onLeave();
      }}
    >
      {tokens.map((token, index) => (
        <Fragment key={index}>
          <span
            data-t={index}
            data-c={confidenceBucket(token.p)}
            class={`token ${token.part}${shade ? " shade" : ""}${open === index ? " open" : ""}`}
            role="option"
            aria-selected={open === index}
            aria-label={t("tokenSpoken", { token: visibleToken(token), p: percent(token.p) })}
            tabIndex={index === current ? 0 : -1}
            onFocus={(event) => {
              setActive(index);
              onFocus(index, event.currentTarget);
            }}
          >
            {visibleToken(token)}
          </span>
          {breaks(token) && <br />}
        </Fragment>
      ))}
    </div>
  );
}
