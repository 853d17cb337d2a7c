import "./distribution.css";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { percent } from "./format";
import { t } from "./l10n";
import { visibleToken } from "./visible";

export interface Bar {
  id: number;
  text: string;
  bytes?: number[];
  p: number;
}

/**
 * The likeliest tokens as bars, with what all others share. With `onChoose` each is a button; arrow keys walk them.
 */
export function Distribution(props: {
  bars: readonly Bar[];
  chosen?: number;
  onChoose?: (bar: Bar) => void;
  chooseLabel?: (bar: Bar) => string;
  /** Whether what is missing to 1 is shown as a last line. */
  rest?: boolean;
}): VNode {
  const { bars, chosen, onChoose, chooseLabel, rest = true } = props;
  const list = useRef<HTMLUListElement>(null);
  const missing = 1 - bars.reduce((sum, bar) => sum + bar.p, 0);
  const most = Math.max(1e-9, ...bars.map((bar) => bar.p));
  const walk = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <ul class="distribution" ref={list} onKeyDown={walk}>
      {bars.map((bar) => {
        const own = bar.id === chosen;
        const inside = (
          <>
            <span class="barFill" style={{ width: `${bar.p < 1e-3 ? 0 : (bar.p / Math.max(most, 0.2)) * 100}%` }} />
            <span class="barText mono">{visibleToken(bar)}</span>
            {own && <span class="barOwn">{t("chosen")}</span>}
            <span class="barValue">{percent(bar.p)}</span>
          </>
        );
        return (
          <li key={bar.id} class={own ? "own" : ""}>
            {onChoose && !own ? (
              <button type="button" class="bar" title={chooseLabel?.(bar)} onClick={() => onChoose(bar)}>
                {inside}
              </button>
            ) : (
              <div class="bar">{inside}</div>
            )}
          </li>
        );
      })}
      {rest && missing > 5e-5 && (
        <li class="rest">
          <span>{t("otherTokens")}</span>
          <span class="barValue">{percent(missing)}</span>
        </li>
      )}
    </ul>
  );
}
