import type { VNode } from "preact";
import { Fragment } from "preact";
import { useRef, useState } from "preact/hooks";
import type { GeneratedToken } from "../../src/contract/token";
import { percent } from "../kit/format";
import { t } from "../kit/l10n";
import { confidenceBucket } from "../kit/tokenText";
import { visibleToken } from "../kit/visible";

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

  const element = (index: number): HTMLElement | null => box.current?.querySelector(`[data-t="${index}"]`) ?? null;
  const move = (index: number): void => {
    const to = Math.min(tokens.length - 1, Math.max(0, index));
    setActive(to);
    element(to)?.focus();
  };
  const line = (from: number, way: 1 | -1): number => {
    const here = element(from)?.getBoundingClientRect();
    if (!here) return from;
    let best = from;
    let distance = Infinity;
    for (let i = from + way; i >= 0 && i < tokens.length; i += way) {
      const box = element(i)?.getBoundingClientRect();
      if (!box || Math.abs(box.top - here.top) < 3) continue;
      const far = Math.abs(box.top - here.top) * 1000 + Math.abs(box.left - here.left);
      if (far > distance + 2000) break;
      if (far < distance) [best, distance] = [i, far];
    }
    return best;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, () => number> = {
      ArrowRight: () => current + 1,
      ArrowLeft: () => current - 1,
      ArrowDown: () => line(current, 1),
      ArrowUp: () => line(current, -1),
      Home: () => 0,
      End: () => tokens.length - 1,
    };
    if (event.key === "Enter" || event.key === " ") {
      const at = element(current);
      if (at) onOpen(current, at);
    } else if (moves[event.key]) move(moves[event.key]!());
    else return;
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
