import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { DirectionCandidate, DirectionExtractResult, DirectionMode, PromptSet } from "../../src/contract/acting";
import type { DirectionJob, DirectionResults, DirectionsViewState } from "../../src/contract/directionsView";
import { Button, Checkbox, Dropdown, TextField } from "../kit/controls";
import { figure } from "../kit/format";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";
import { Job } from "./job";
import { behaviourIn, inputsOfSide, splitForProof, wrongWith, type Sides } from "./sides";
import { SidesEditor } from "./sidesEditor";

export interface FindSettings {
  set: string;
  find: Sides;
  proof: Sides;
  name: string;
  method: "meanDifference" | "pairedPca";
  layer: string;
}

/** Prompts a side that the engine needs. */
const least = 4;

/** Two sets of prompts become a direction. */
export function Find(props: {
  state: DirectionsViewState;
  sets: readonly PromptSet[];
  settings: FindSettings;
  set: (change: Partial<FindSettings>) => void;
  onSet: (id: string) => void;
  job: DirectionJob | null | undefined;
  results: DirectionResults | undefined;
  onProve: (file: string) => void;
}): VNode {
  const { state, sets, settings, set, onSet, job, results, onProve } = props;
  const wrong = wrongWith(settings.find, least);
  const layers = state.model?.layers ?? 0;
  const layer = layerOf(settings.layer, layers);
  const ready = wrong === null && settings.name.trim() !== "" && layer !== null && state.folder !== null && !job;
  const behaviour = behaviourIn(settings.find);
  const extract = (): void =>
    quietly(
      host,
      host.call("extract", {
        positive: inputsOfSide(settings.find.positive, settings.find.chat),
        negative: inputsOfSide(settings.find.negative, settings.find.chat),
        method: settings.method,
        layer: layer ?? "auto",
        name: settings.name.trim(),
        ...(behaviour && { behaviour }),
      }),
    );
  return (
    <div class="section grow">
      <SidesEditor
        sides={settings.find}
        sets={sets}
        chosen={settings.set}
        rated={state.rated}
        onSet={onSet}
        onChange={(find) => set({ find })}
      />
      <div class="toolbar">
        <TextField
          label={t("directionName")}
          value={settings.name}
          size={18}
          placeholder={t("directionNameHint")}
          onInput={(name) => set({ name })}
        />
        <Dropdown
          label={t("method")}
          value={settings.method}
          choices={[
            { value: "meanDifference", label: t("meanDifference") },
            { value: "pairedPca", label: t("pairedPca") },
          ]}
          onChange={(method) => set({ method })}
        />
        <TextField
          label={t("layer")}
          value={settings.layer}
          size={6}
          placeholder={t("layerAuto")}
          title={t("layerSays", { last: Math.max(1, layers - 1) })}
          onInput={(text) => set({ layer: text })}
        />
        {settings.set === "" && wrong === null && (
          <Button title={t("splitSays")} onClick={() => set(splitForProof(settings.find))}>
            {t("split")}
          </Button>
        )}
        <Button kind="primary" icon="compass" disabled={!ready} onClick={extract}>
          {t("extract")}
        </Button>
      </div>
      <p class="muted small">
        {state.folder === null
          ? t("needsFolder")
          : wrong === "tooFew"
            ? t("tooFewPrompts", { least })
            : wrong === "identical"
              ? t("identicalPrompts")
              : layer === null
                ? t("layerSays", { last: Math.max(1, layers - 1) })
                : settings.name.trim() === ""
                  ? t("needsName")
                  : behaviour
                    ? t("willValidate")
                    : t("noBehaviour")}
      </p>
      <Job kind="extract" job={job} results={results} />
      {results?.extract && <Found {...results.extract} onProve={onProve} />}
    </div>
  );
}

/** `auto`, `all` or a layer from 1 on; null for what is none. */
function layerOf(text: string, layers: number): "auto" | "all" | number | null {
  const plain = text.trim().toLowerCase();
  if (plain === "" || plain === "auto") return "auto";
  if (plain === "all") return "all";
  const layer = /^\d{1,4}$/.test(plain) ? Number(plain) : NaN;
  return layer >= 1 && layer < layers ? layer : null;
}

function Found(props: { result: DirectionExtractResult; file: string; onProve: (file: string) => void }): VNode {
  const { result, file, onProve } = props;
  const [all, setAll] = useState(false);
  const { layer, position, candidates, n, removal, strength, warnings } = result;
  const tried = candidates.filter(({ ablated }) => ablated !== undefined);
  const admitted = tried.filter(({ rejected }) => rejected === undefined);
  const chosen = (each: DirectionCandidate): boolean => each.layer === layer && each.position === position;
  const shown = (all || tried.length === 0 ? [...candidates] : tried).sort(
    (a, b) => Number(chosen(b)) - Number(chosen(a)) || a.layer - b.layer || b.position - a.position,
  );
  const intervene = (mode: DirectionMode): void =>
    quietly(host, host.call("intervene", { file, mode, ...(mode === "add" ? { strength } : {}) }));
  return (
    <section class="section results" aria-label={t("foundTitle", { name: result.name })}>
      <h2>{t("foundTitle", { name: result.name })}</h2>
      <p>
        {t(tried.length === 0 ? "chosenBySeparation" : admitted.length > 0 ? "chosenByEffect" : "chosenForWant", {
          layer,
          position: String(position).replace("-", "−"),
          admitted: admitted.length,
          tried: tried.length,
          n: candidates.length,
        })}{" "}
        {t("foundSays", {
          norm: figure(result.norm / result.scale),
          strength: figure(strength),
          removal: t(removal === "zero" ? "removalZero" : "removalMean"),
        })}
      </p>
      <p class="muted small">
        {t("foundOn", { positive: n.positive, negative: n.negative, validation: n.validation, file })}
      </p>
      {warnings.map((each) => (
        <Note key={each} icon="warning">
          {each}
        </Note>
      ))}
      <div class="row">
        <Button kind="primary" icon="beaker" onClick={() => onProve(file)}>
          {t("proveIt")}
        </Button>
        <Button icon="add" onClick={() => intervene("add")}>
          {t("addToList")}
        </Button>
        <Button icon="remove" onClick={() => intervene(removal)}>
          {t("takeAwayToList")}
        </Button>
        <Button icon="pulse" onClick={() => quietly(host, host.call("meter", { file, on: true }))}>
          {t("useAsMeter")}
        </Button>
      </div>
      <div class="tableBox" tabIndex={0} role="region" aria-label={t("candidatesLabel")}>
        <table class="data">
          <thead>
            <tr>
              <th class="number">{t("layer")}</th>
              <th class="number" title={t("positionFromEnd")}>
                {t("positionShort")}
              </th>
              <th class="number" title={t("aucSays")}>
                AUC
              </th>
              <th class="number" title={t("lengthSays")}>
                {t("length")}
              </th>
              <th class="number" title={t("oddsSays")}>
                {t("zeroedOdds")}
              </th>
              <th class="number" title={t("oddsSays")}>
                {t("levelledOdds")}
              </th>
              <th class="number" title={t("oddsSays")}>
                {t("addedOdds")}
              </th>
              <th class="number" title={t("klZeroSays")}>
                {t("klShort")}
              </th>
              <th>{t("candidateVerdict")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <tr key={`${each.layer}.${each.position}`} class={chosen(each) ? "chosenRow" : ""}>
                <td class="number">{each.layer}</td>
                <td class="number">{figure(each.position)}</td>
                <td class="number">{figure(each.auc)}</td>
                <td class="number">{figure(each.norm / each.scale)}</td>
                <td class="number">{odds(each.ablated)}</td>
                <td class="number">{odds(each.levelled)}</td>
                <td class="number">{odds(each.added)}</td>
                <td class="number">{each.kl === undefined ? "" : figure(each.kl)}</td>
                <td>{chosen(each) ? t("verdictChosen") : (each.rejected ?? t("verdictAdmitted"))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {tried.length > 0 && tried.length < candidates.length && (
        <Checkbox label={t("showAllCandidates", { n: candidates.length })} checked={all} onChange={setAll} />
      )}
      <p class="method">{t("findMethod")}</p>
    </section>
  );
}

const odds = (value: number | undefined): string =>
  value === undefined ? "" : Number.isFinite(value) ? figure(value) : "–";
