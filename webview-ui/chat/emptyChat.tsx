import type { VNode } from "preact";
import type { ModelInfo } from "../../src/contract/model";
import { count, short } from "../kit/format";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { suggestionsFor } from "./suggestions";

/** An empty conversation: what this is, which model answers, and first questions that suit it. */
export function EmptyChat({
  model,
  onAsk,
  free,
}: {
  model: ModelInfo | null;
  onAsk: (text: string) => void;
  free: boolean;
}): VNode {
  return (
    <div class="emptyChat">
      <h1>{t("emptyTitle")}</h1>
      <p class="muted">{t("emptyText")}</p>
      {model && (
        <p class="muted small">
          {t("modelFacts", {
            name: model.name,
            parameters: short(model.parameters),
            layers: model.layers,
            context: count(model.context),
          })}
        </p>
      )}
      <div class="suggestions" role="group" aria-label={t("suggestions")}>
        {suggestionsFor(model).map((text) => (
          <button key={text} type="button" class="suggestion" disabled={!free} onClick={() => onAsk(text)}>
            <span>{text}</span>
            <Icon name="arrow-up" />
          </button>
        ))}
      </div>
      <ul class="hints muted small">
        <li>
          <Icon name="symbol-parameter" /> {t("hintTokens")}
        </li>
        <li>
          <Icon name="color-mode" /> {t("hintConfidence")}
        </li>
        <li>
          <Icon name="layers" /> {t("hintLens")}
        </li>
      </ul>
    </div>
  );
}
