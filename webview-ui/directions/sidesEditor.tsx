import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { PromptSet } from "../../src/contract/acting";
import type { ErrorData } from "../../src/contract/errors";
import { Button, Checkbox, Dropdown } from "../kit/controls";
import { asErrorData } from "../kit/host";
import { t } from "../kit/l10n";
import { ErrorBox } from "../kit/message";
import { host } from "./host";
import { countOfSide, sideOf, type Side, type Sides } from "./sides";

type Which = "positive" | "negative";

/** The two groups of prompts: a shipped set, files, rated answers, or written here. */
export function SidesEditor(props: {
  sides: Sides;
  sets: readonly PromptSet[];
  chosen: string;
  rated?: { up: number; down: number };
  onSet: (id: string) => void;
  onChange: (sides: Sides) => void;
}): VNode {
  const { sides, sets, chosen, rated, onSet, onChange } = props;
  const [error, setError] = useState<ErrorData | null>(null);
  const about = sets.find(({ id }) => id === chosen)?.about;
  const attempt = (work: () => Promise<void>): void => {
    setError(null);
    work().catch((thrown: unknown) => setError(asErrorData(thrown)));
  };
  const load = (which: Which): void =>
    attempt(async () => {
      const found = await host.call("loadPrompts", {});
      if (found) onChange({ ...sides, [which]: sideOf(found.prompts, found.name) });
    });
  const takeRated = (): void =>
    attempt(async () => {
      const { up, down } = await host.call("ratedAnswers", {});
      const side = (inputs: typeof up, title: string): Side => ({ kind: "inputs", inputs, title });
      onChange({ ...sides, positive: side(up, t("ratedUp")), negative: side(down, t("ratedDown")) });
    });
  const setSide = (which: Which, side: Side): void => onChange({ ...sides, [which]: side });
  return (
    <div class="section">
      <div class="row">
        <Dropdown
          label={t("promptSet")}
          value={chosen}
          choices={[
            { value: "", label: t("ownPrompts") },
            ...sets.map(({ id, title }) => ({ value: id, label: title })),
          ]}
          onChange={onSet}
        />
        {rated && (
          <Button
            icon="thumbsup"
            disabled={rated.up === 0 || rated.down === 0}
            title={t("fromRatedSays")}
            onClick={takeRated}
          >
            {t("fromRated", rated)}
          </Button>
        )}
        <Checkbox
          label={t("asChat")}
          title={t("asChatSays")}
          checked={sides.chat}
          onChange={(chat) => onChange({ ...sides, chat })}
        />
      </div>
      {about && <p class="muted">{about}</p>}
      {error && <ErrorBox error={error} />}
      <div class="columns">
        <OneSide
          label={t("positivePrompts")}
          side={sides.positive}
          onChange={(side) => setSide("positive", side)}
          onLoad={() => load("positive")}
        />
        <OneSide
          label={t("negativePrompts")}
          side={sides.negative}
          onChange={(side) => setSide("negative", side)}
          onLoad={() => load("negative")}
        />
        <Texts
          label={t("behaviourStarts")}
          value={sides.startsWith}
          onChange={(startsWith) => onChange({ ...sides, startsWith })}
        />
        <Texts
          label={t("behaviourContains")}
          value={sides.contains}
          onChange={(contains) => onChange({ ...sides, contains })}
        />
      </div>
    </div>
  );
}

function OneSide(props: { label: string; side: Side; onChange: (side: Side) => void; onLoad: () => void }): VNode {
  const { label, side, onChange, onLoad } = props;
  return (
    <div class="groupField">
      <div class="row sideHead">
        <span class="fieldLabel">
          {label}
          <span class="small"> · {t("promptsCount", { n: countOfSide(side) })}</span>
        </span>
        <span class="grow" />
        <Button icon="folder-opened" title={t("loadPromptsSays")} onClick={onLoad}>
          {t("loadPrompts")}
        </Button>
      </div>
      {side.kind === "inputs" ? (
        <div class="takenInputs">
          <span class="grow">{t("takenAsTheyAre", { n: side.inputs.length, title: side.title })}</span>
          <Button onClick={() => onChange({ kind: "text", text: "", system: "" })}>{t("writeOwn")}</Button>
        </div>
      ) : (
        <>
          {side.system !== "" && (
            <input
              class="box"
              value={side.system}
              aria-label={t("systemOf", { side: label })}
              title={t("systemOf", { side: label })}
              onInput={(event) => onChange({ ...side, system: event.currentTarget.value })}
            />
          )}
          <textarea
            class="box mono"
            rows={7}
            value={side.text}
            aria-label={label}
            placeholder={t("onePromptALine")}
            spellcheck={false}
            onInput={(event) => onChange({ ...side, text: event.currentTarget.value })}
          />
        </>
      )}
    </div>
  );
}

function Texts({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }): VNode {
  return (
    <label class="groupField">
      <span class="fieldLabel">{label}</span>
      <textarea
        class="box mono"
        rows={2}
        value={value}
        placeholder={t("oneTextALine")}
        spellcheck={false}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
