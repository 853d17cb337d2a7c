import "./bars.css";
import type { VNode } from "preact";

/** A bar to the right of the middle for what is above zero, to the left for what is below, on the scale of `most`. */
export function SignedBar({ value, most }: { value: number; most: number }): VNode {
  const part = most > 0 ? Math.min(1, Math.abs(value) / most) * 50 : 0;
  const side = value < 0 ? { right: "50%" } : { left: "50%" };
  return (
    <span class="signedBar" aria-hidden="true">
      <span class={value < 0 ? "below" : "above"} style={{ ...side, width: `${part}%` }} />
    </span>
  );
}

/** A bar from the left on the scale of `most`. */
export function PlainBar({ value, most, warm = false }: { value: number; most: number; warm?: boolean }): VNode {
  const part = most > 0 ? Math.min(1, Math.max(0, value) / most) * 100 : 0;
  return (
    <span class={`plainBar${warm ? " warm" : ""}`} aria-hidden="true">
      <span style={{ width: `${part}%` }} />
    </span>
  );
}
