import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ChatState } from "../../src/contract/chatView";
import { Button, Dropdown, TextField } from "../kit/controls";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";

type ThinkChoice = "off" | "auto" | "budget";

/** How answers are made: thinking, temperature, system text. Kept by the host. */
export function Options({ state, onClose }: { state: ChatState; onClose: () => void }): VNode {
  const { options, model } = state;
  const [temperature, setTemperature] = useState(String(options.temperature));
  const [budget, setBudget] = useState(typeof options.think === "number" ? String(options.think) : "256");
  const [system, setSystem] = useState(options.system);
  const set = (change: Partial<ChatState["options"]>): void => quietly(host, host.call("setOptions", change));
  const number = Number(temperature.replace(",", "."));
  const valid = Number.isFinite(number) && number >= 0 && number <= 2;
  const tokens = Number(budget);
  const think: ThinkChoice = typeof options.think === "number" ? "budget" : options.think;
  return (
    <section
      class="options"
      aria-label={t("options")}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div class="optionGrid">
        <span class="fieldLabel">{t("thinkLabel")}</span>
        <span class="row">
          <Dropdown<ThinkChoice>
            label={t("thinkLabel")}
            showLabel={false}
            value={think}
            disabled={model !== null && !model.thinks}
            choices={[
              { value: "off", label: t("thinkOff") },
              { value: "auto", label: t("thinkAuto") },
              { value: "budget", label: t("thinkBudget") },
            ]}
            onChange={(choice) => set({ think: choice === "budget" ? Math.max(0, Math.round(tokens) || 256) : choice })}
          />
          {think === "budget" && (
            <TextField
              label={t("thinkTokens")}
              showLabel={false}
              size={5}
              value={budget}
              onInput={(value) => {
                setBudget(value);
                if (/^\d+$/.test(value)) set({ think: Number(value) });
              }}
            />
          )}
        </span>
        <span class="fieldLabel">{t("temperature")}</span>
        <TextField
          label={t("temperature")}
          showLabel={false}
          size={5}
          value={temperature}
          title={t("temperatureSays")}
          onInput={(value) => {
            setTemperature(value);
            const next = Number(value.replace(",", "."));
            if (value !== "" && Number.isFinite(next) && next >= 0 && next <= 2) set({ temperature: next });
          }}
        />
      </div>
      {model && !model.thinks && <p class="small muted">{t("modelDoesNotThink")}</p>}
      {!valid && <p class="small errorLine">{t("temperatureRange")}</p>}
      <label class="systemLabel">
        <span class="fieldLabel">{t("systemText")}</span>
        <textarea
          class="box"
          rows={3}
          value={system}
          placeholder={t("systemPlaceholder")}
          onInput={(event) => setSystem(event.currentTarget.value)}
          onBlur={() => system !== options.system && set({ system })}
        />
      </label>
      <div class="row end">
        <Button
          onClick={() => {
            if (system !== options.system) set({ system });
            onClose();
          }}
        >
          {t("close")}
        </Button>
      </div>
    </section>
  );
}
