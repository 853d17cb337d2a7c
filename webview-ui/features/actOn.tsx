import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { FeatureUse } from "../../src/contract/acting";
import type { InstrumentHost } from "../kit/instrument";
import { Button, Dropdown } from "../kit/controls";
import { figure } from "../kit/format";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Note, RunState } from "../kit/message";

type Mode = FeatureUse["mode"];

/** Steer, hold or silence the feature: an entry of the list of interventions, switched on. */
export function ActOn(props: { host: InstrumentHost; folder: string; feature: number; max: number }): VNode {
  const { host, folder, feature, max } = props;
  const [mode, setMode] = useState<Mode>("steer");
  const [value, setValue] = useState("2");
  const run = useRun<{ name: string }>();
  const number = Number(value.replace("−", "-"));
  const valid = mode === "ablate" || (value.trim() !== "" && Number.isFinite(number));
  const start = (): void =>
    run.start((signal) =>
      host.call("useFeature", { folder, feature, mode, ...(mode !== "ablate" && { value: number }) }, { signal }),
    );
  return (
    <div class="section">
      <div class="row">
        <Dropdown<Mode>
          label={t("featAct")}
          value={mode}
          choices={[
            { value: "steer", label: t("featSteer") },
            { value: "clamp", label: t("featClamp") },
            { value: "ablate", label: t("featAblate") },
          ]}
          onChange={setMode}
        />
        {mode !== "ablate" && (
          <label class="field">
            <input
              class="slider"
              type="range"
              min={-5}
              max={5}
              step={0.25}
              value={Number.isFinite(number) ? number : 0}
              aria-label={t("featValue")}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
            <input
              class="box mono valueBox"
              value={value}
              aria-label={t("featValueTyped")}
              aria-invalid={!valid}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
            <span class="muted small">{t("featUnit", { max: figure(max > 0 ? max : 1) })}</span>
          </label>
        )}
        <Button kind="primary" icon="beaker" disabled={!valid || run.status === "busy"} onClick={start}>
          {t("featSwitchOn")}
        </Button>
      </div>
      {!valid && <span class="small errorWord">{t("featBadValue")}</span>}
      <RunState run={run} what={t("featSwitching")} />
      {run.status === "done" && run.result && <Note icon="check">{t("featOn", { name: run.result.name })}</Note>}
    </div>
  );
}
