import "../kit/panel.css";
import "./directions.css";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PromptSet } from "../../src/contract/acting";
import { Tabs } from "../kit/controls";
import { Help } from "../kit/help";
import { useEvent } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { Panel } from "../kit/probeBox";
import { quietly } from "../kit/quietly";
import { Files } from "./files";
import { Find, type FindSettings } from "./find";
import { Steering, type GridSettings } from "./grid";
import { host } from "./host";
import { Prove, type ProveSettings } from "./prove";
import { noSides, sidesOfSet } from "./sides";

type Tab = "find" | "prove" | "grid" | "files";

interface Settings extends FindSettings, ProveSettings, GridSettings {
  tab: Tab;
}

const defaults: Settings = {
  tab: "find",
  set: "",
  find: noSides,
  proof: noSides,
  name: "",
  method: "meanDifference",
  layer: "",
  file: "",
  strength: "",
  max: "",
  strengths: "−1 −0.5 0 0.5 1",
  gridSide: "negative",
  gridPrompts: "8",
};

/** Directions: found, proved, tried at every layer and strength, and kept. */
export function DirectionsPanel(): VNode {
  const state = useEvent(host, "state");
  const job = useEvent(host, "job");
  const results = useEvent(host, "results");
  const before = useRef(kept());
  const [settings, setSettings] = useState<Settings>(() => ({ ...defaults, ...before.current }));
  const [sets, setSets] = useState<PromptSet[]>([]);
  const openings = useRef(0);
  const set = (change: Partial<Settings>): void => setSettings((before) => ({ ...before, ...change }));
  useEffect(() => host.setState(settings), [settings]);
  useEffect(
    () =>
      quietly(
        host,
        host.call("promptSets", {}).then((found) => {
          setSets(found.sets);
          // The first set is there to begin with, so that one button is enough to see a direction found.
          const [first] = found.sets;
          if (before.current === null && first) set({ set: first.id, name: first.id, ...sidesOfSet(first) });
        }),
      ),
    [],
  );
  useEffect(() => {
    if (!state || state.openings === openings.current) return;
    openings.current = state.openings;
    if (state.opened !== null) set({ tab: "files", file: state.opened });
  }, [state?.openings]);
  // What was just found is what is proved and steered next.
  const made = results?.extract?.file;
  const seen = useRef(made);
  useEffect(() => {
    if (made !== undefined && (made !== seen.current || settings.file === "")) set({ file: made });
    seen.current = made;
  }, [results?.extract]);
  const chooseSet = (id: string): void => {
    const found = sets.find((each) => each.id === id);
    if (!found) return set({ set: "" });
    const named = settings.name === "" || sets.some((each) => each.id === settings.name);
    set({ set: id, ...sidesOfSet(found), ...(named ? { name: id } : {}) });
  };
  const prove = (file: string): void => set({ tab: "prove", file });
  const about = { state: state!, job, results, set };
  return (
    <Panel
      title={t("directionsTitle")}
      help={<Help topic={settings.tab === "grid" ? "steering" : settings.tab === "prove" ? "proof" : "directions"} />}
      state={state && { ...state, interventions: [] }}
    >
      <p class="muted">{t("directionsFor")}</p>
      {state && state.interventions.length > 0 && <Note icon="info">{t("measuredPlain")}</Note>}
      <Tabs<Tab>
        label={t("directionsTitle")}
        active={settings.tab}
        onChange={(tab) => set({ tab })}
        tabs={[
          {
            id: "find",
            label: t("tabFind"),
            view: <Find {...about} sets={sets} settings={settings} onSet={chooseSet} onProve={prove} />,
          },
          {
            id: "prove",
            label: t("tabProve"),
            view: <Prove {...about} sets={sets} settings={settings} onSet={chooseSet} />,
          },
          { id: "grid", label: t("tabGrid"), view: <Steering {...about} settings={settings} /> },
          { id: "files", label: t("tabFiles"), view: state ? <Files state={state} onProve={prove} /> : null },
        ]}
      />
    </Panel>
  );
}

function kept(): Settings | null {
  const stored = host.getState();
  return typeof stored === "object" && stored !== null && "find" in stored ? (stored as Settings) : null;
}
