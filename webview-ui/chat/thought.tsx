import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { TokenMarks } from "../kit/tokenText";
import { duration } from "../kit/format";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { Markdown } from "../kit/markdownView";
import { host } from "./host";

/** What the model thought before it answered: folded, with its length. Open while it is being thought. */
export function Thought(props: {
  text: string;
  tokens: number;
  /** Milliseconds, from the run's own timings; null where they are not known. */
  time: number | null;
  live: boolean;
  marks: TokenMarks | null;
  shade: boolean;
}): VNode {
  const { text, tokens, time, live, marks, shade } = props;
  const [choice, setChoice] = useState<boolean | null>(null);
  const open = choice ?? live;
  const length =
    time === null ? t("thoughtLength", { n: tokens }) : t("thoughtTimed", { n: tokens, time: duration(time) });
  return (
    <div class={`thought${open ? " open" : ""}`}>
      <button type="button" class="thoughtHead" aria-expanded={open} onClick={() => setChoice(!open)}>
        <Icon name={open ? "chevron-down" : "chevron-right"} />
        <span>{live ? t("thinking") : t("thought")}</span>
        <span class="muted small">{length}</span>
      </button>
      {open && (
        <div class="thoughtBody">
          <Markdown host={host} source={text} marks={marks} shade={shade} />
        </div>
      )}
    </div>
  );
}
