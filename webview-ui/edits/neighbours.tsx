import type { VNode } from "preact";
import type { Neighbour } from "./form";
import { Button } from "../kit/controls";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";

/** Facts that must stay: a prompt and its answer a row. */
export function Neighbours(props: { rows: readonly Neighbour[]; onChange: (rows: Neighbour[]) => void }): VNode {
  const { rows, onChange } = props;
  const write = (at: number, change: Partial<Neighbour>): void =>
    onChange(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));
  return (
    <div class="section">
      {rows.map((row, i) => (
        <div key={i} class="neighbour">
          <input
            class="box"
            value={row.prompt}
            aria-label={t("neighbourPrompt", { n: i + 1 })}
            placeholder={t("prompt")}
            onInput={(event) => write(i, { prompt: event.currentTarget.value })}
          />
          <input
            class="box"
            value={row.answer}
            aria-label={t("neighbourAnswer", { n: i + 1 })}
            placeholder={t("answer")}
            onInput={(event) => write(i, { answer: event.currentTarget.value })}
          />
          <IconButton
            icon="close"
            label={t("neighbourRemove", { n: i + 1 })}
            onClick={() => onChange(rows.filter((_, at) => at !== i))}
          />
        </div>
      ))}
      <div class="row">
        <Button icon="add" onClick={() => onChange([...rows, { prompt: "", answer: "" }])}>
          {t("neighbourAdd")}
        </Button>
      </div>
    </div>
  );
}
