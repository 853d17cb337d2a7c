import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { InterventionChange, ShownIntervention } from "../../src/contract/interventions";
import type { ModelInfo } from "../../src/contract/model";
import type { Word } from "../kit/l10n";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";
import { dialOf, layersText, modesOf, parseLayers, type Dial } from "./ways";

type Place = NonNullable<InterventionChange["where"]> | "own";

const places: readonly { value: Place; label: Word }[] = [
  { value: "own", label: "whereOwn" },
  { value: "all", label: "whereAll" },
  { value: "prompt", label: "wherePrompt" },
  { value: "generated", label: "whereGenerated" },
  { value: "lastPrompt", label: "whereLastPrompt" },
];

const kinds: Record<ShownIntervention["kind"], Word> = {
  direction: "kindDirection",
  feature: "kindFeature",
  edit: "kindEdit",
  write: "kindWrite",
};

/** One intervention: on or off, how strongly, and behind the arrow how and where it acts. */
export function Entry({ entry, model }: { entry: ShownIntervention; model: ModelInfo | null }): VNode {
  const [open, setOpen] = useState(false);
  const { id, name, on, kind, problem } = entry;
  const dial = dialOf(entry);
  const change = (what: InterventionChange): void => quietly(host, host.call("change", { id, change: what }));
  const context = { intervention: id, interventionFile: kind !== "write", preventDefaultContextMenuItems: true };
  const details = `details-${id}`;
  return (
    <li class={`entry${on ? " on" : ""}`} data-vscode-context={JSON.stringify(context)}>
      <div class="entryHead">
        <label class="entryName" title={name}>
          <input
            type="checkbox"
            checked={on}
            onChange={(event) => quietly(host, host.call("toggle", { id, on: event.currentTarget.checked }))}
          />
          <span>{name}</span>
        </label>
        {kind === "direction" && (
          <IconButton
            icon="pulse"
            label={t(entry.meter ? "meterOff" : "meterOn")}
            pressed={entry.meter === true}
            onClick={() => quietly(host, host.call("meter", { id, on: !entry.meter }))}
          />
        )}
        <button
          type="button"
          class="iconButton"
          title={t("entryDetails", { name })}
          aria-label={t("entryDetails", { name })}
          aria-expanded={open}
          aria-controls={details}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "chevron-up" : "chevron-down"} />
        </button>
        <IconButton icon="ellipsis" label={t("entryMenu", { name })} popup="menu" onClick={openMenu} />
      </div>
      {dial && <Slider dial={dial} name={name} onChange={(strength) => change({ strength })} />}
      {problem && (
        <p class="entryProblem" role="alert">
          <Icon name="warning" /> <span>{problem.message}</span>
        </p>
      )}
      {open && (
        <div class="entryMore" id={details}>
          <span class="muted small">{summary(entry)}</span>
          <Ways entry={entry} onChange={change} />
          <Layers entry={entry} layers={model?.layers ?? null} onChange={change} />
          <Where entry={entry} onChange={change} />
          <div class="row">
            {kind !== "write" && (
              <button type="button" class="textButton" onClick={() => quietly(host, host.call("openPanel", { id }))}>
                {t("openPanel")}
              </button>
            )}
            {kind !== "write" && (
              <button type="button" class="textButton" onClick={() => quietly(host, host.call("showFile", { id }))}>
                {t("showFile")}
              </button>
            )}
            <button type="button" class="textButton" onClick={() => quietly(host, host.call("duplicate", { id }))}>
              {t("duplicate")}
            </button>
            <button type="button" class="textButton" onClick={() => quietly(host, host.call("remove", { id }))}>
              {t("remove")}
            </button>
          </div>
        </div>
      )}
    </li>
  );
}

/** The editor's own context menu, from a button: it opens where a right click would have been. */
function openMenu(event: MouseEvent): void {
  const button = event.currentTarget as HTMLElement;
  const { left, bottom } = button.getBoundingClientRect();
  button.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, clientX: left, clientY: bottom }));
  event.stopPropagation();
}

function summary(entry: ShownIntervention): string {
  const kind = t(kinds[entry.kind]);
  if (entry.kind === "write") {
    const { site, layer, operation, indices } = entry.intervention;
    const units = indices && indices.length > 0 ? ` · ${indices.slice(0, 8).join(", ")}` : "";
    return `${kind} · ${operation} · ${layer === undefined ? site : `${site} ${layer}`}${units}`;
  }
  const file = entry.kind === "feature" ? `${entry.use.folder} · ${entry.use.feature}` : entry.use.file;
  return `${kind} · ${file}`;
}

/** Told while it is moved, at most ten times a second: the next answer obeys what it shows. */
function Slider({ dial, name, onChange }: { dial: Dial; name: string; onChange: (value: number) => void }): VNode {
  const [shown, setShown] = useState(dial.value);
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setShown(dial.value), [dial.value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const tell = (value: number): void => {
    setShown(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(value), 100);
  };
  const number = typed === null ? shown : Number(typed.replace("−", "-").replace(",", "."));
  const wrong = typed !== null && (typed.trim() === "" || !Number.isFinite(number) || Math.abs(number) > 1000);
  const take = (): void => {
    if (typed !== null && !wrong) tell(number);
    setTyped(null);
  };
  return (
    <div class="slider" title={t(dial.unit)}>
      <input
        type="range"
        aria-label={t("dialOf", { what: t(dial.label), name })}
        aria-valuetext={`${rounded(shown)} ${t(dial.unit)}`}
        min={dial.low}
        max={dial.high}
        step={dial.step}
        value={shown}
        onInput={(event) => tell(rounded(Number(event.currentTarget.value)))}
        onDblClick={() => tell(dial.low < 0 ? 0 : 1)}
      />
      <input
        class={`box mono figureBox${wrong ? " wrong" : ""}`}
        inputMode="decimal"
        aria-label={t("dialNumber", { what: t(dial.label), name })}
        aria-invalid={wrong}
        value={typed ?? String(rounded(shown)).replace("-", "−")}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
          if (event.key === "Escape") setTyped(null);
        }}
      />
    </div>
  );
}

const rounded = (value: number): number => Number(value.toFixed(3));

function Ways(props: { entry: ShownIntervention; onChange: (change: InterventionChange) => void }): VNode | null {
  const modes = modesOf(props.entry);
  if (modes.length === 0) return null;
  const { entry, onChange } = props;
  const mode = entry.kind === "direction" || entry.kind === "feature" ? entry.use.mode : undefined;
  return (
    <label class="line">
      <span class="fieldLabel">{t("way")}</span>
      <select
        class="box"
        value={mode}
        onChange={(event) => {
          const chosen = modes.find(({ value }) => value === event.currentTarget.value);
          if (chosen) onChange({ mode: chosen.value });
        }}
      >
        {modes.map(({ value, label }) => (
          <option key={value} value={value} selected={value === mode}>
            {t(label)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Layers(props: {
  entry: ShownIntervention;
  layers: number | null;
  onChange: (change: InterventionChange) => void;
}): VNode | null {
  const { entry, layers, onChange } = props;
  const own = entry.kind === "direction" ? layersText(entry.use.layers) : "";
  const [text, setText] = useState(own);
  useEffect(() => setText(own), [own]);
  if (entry.kind !== "direction") return null;
  const parsed = parseLayers(text, layers ?? 4096);
  const take = (): void => {
    if (parsed !== undefined && layersText(parsed ?? []) !== own) onChange({ layers: parsed });
  };
  return (
    <label class="line">
      <span class="fieldLabel">{t("layersField")}</span>
      <input
        class={`box mono${parsed === undefined ? " wrong" : ""}`}
        value={text}
        placeholder={t("layersOwn")}
        aria-invalid={parsed === undefined}
        title={layers === null ? t("layersHint") : t("layersHintModel", { last: layers - 1 })}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
      {parsed === undefined && (
        <span class="small wrongNote">
          {layers === null ? t("layersHint") : t("layersHintModel", { last: layers - 1 })}
        </span>
      )}
    </label>
  );
}

function Where(props: { entry: ShownIntervention; onChange: (change: InterventionChange) => void }): VNode | null {
  const { entry, onChange } = props;
  if (entry.kind === "edit") return null;
  const where = entry.kind === "write" ? entry.intervention.where : (entry.use.where ?? "own");
  // A list of positions is for one prompt alone; it is shown, and goes when another place is chosen.
  const value = typeof where === "string" ? where : "";
  return (
    <label class="line">
      <span class="fieldLabel">{t("positionsField")}</span>
      <select
        class="box"
        value={value}
        onChange={(event) => {
          const chosen = places.find((place) => place.value === event.currentTarget.value);
          if (chosen) onChange({ where: chosen.value === "own" ? null : chosen.value });
        }}
      >
        {value === "" && <option value="">{Array.isArray(where) ? where.join(", ") : ""}</option>}
        {places
          .filter((place) => place.value !== "own" || entry.kind !== "write")
          .map((place) => (
            <option key={place.value} value={place.value} selected={place.value === value}>
              {t(place.label)}
            </option>
          ))}
      </select>
    </label>
  );
}
