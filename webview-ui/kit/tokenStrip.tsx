import "./tokens.css";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Token } from "../../src/contract/token";
import { t } from "./l10n";
import { moveByKey } from "./roving";
import { visibleToken } from "./visible";

/** A prompt's tokens, one of which is chosen: click, or arrow keys and Enter. */
export function TokenStrip(props: {
  tokens: readonly Pick<Token, "text" | "bytes">[];
  chosen: number;
  onChoose: (index: number) => void;
  label: string;
  /** 0..1 a token: how strongly it is tinted. */
  tint?: readonly number[];
  titles?: readonly string[];
}): VNode {
  const { tokens, chosen, onChoose, label, tint, titles } = props;
  const [active, setActive] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const at = Math.min(tokens.length - 1, active ?? chosen);
  return (
    <div
      class="tokens strip mono"
      role="listbox"
      aria-label={label}
      aria-orientation="horizontal"
      ref={box}
      onKeyDown={(event) => {
        const elements = [...(box.current?.querySelectorAll<HTMLElement>("[data-t]") ?? [])];
        const to = moveByKey(event.key, elements, at);
        if (to !== null) {
          setActive(to);
          elements[to]?.focus();
        } else if (event.key === "Enter" || event.key === " ") onChoose(at);
        else return;
        event.preventDefault();
      }}
      onClick={(event) => {
        const index = (event.target as Element).closest<HTMLElement>("[data-t]")?.dataset["t"];
        if (index === undefined) return;
        setActive(Number(index));
        onChoose(Number(index));
      }}
    >
      {tokens.map((token, index) => (
        <span
          key={index}
          data-t={index}
          class={`token${index === chosen ? " chosen" : ""}`}
          role="option"
          aria-selected={index === chosen}
          aria-label={t("positionSpoken", { token: visibleToken(token), n: index })}
          title={titles?.[index] ?? t("positionSpoken", { token: visibleToken(token), n: index })}
          tabIndex={index === at ? 0 : -1}
          style={
            tint
              ? { background: `color-mix(in srgb, var(--accent) ${Math.round((tint[index] ?? 0) * 70)}%, transparent)` }
              : {}
          }
        >
          {visibleToken(token)}
        </span>
      ))}
    </div>
  );
}
