import "./bars.css";
import type { VNode } from "preact";
import { visibleToken } from "./visible";

/** A few tokens in order, each with its figure to hover. */
export function Chips(props: {
  tokens: readonly { id: number; text: string }[];
  kind: "up" | "down";
  title: (index: number) => string;
  most?: number;
}): VNode {
  const { tokens, kind, title, most = 4 } = props;
  return (
    <span class="chips">
      {tokens.slice(0, most).map((token, i) => (
        <span key={token.id} class={`chip mono ${kind}`} title={title(i)}>
          {visibleToken(token)}
        </span>
      ))}
    </span>
  );
}
