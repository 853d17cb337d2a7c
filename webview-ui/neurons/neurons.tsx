import "./neurons.css";
import type { VNode } from "preact";
import type { NeuronsResult } from "../../src/contract/instruments";
import type { Groups } from "../kit/promptSets";
import { Button, Dropdown, Tabs, TextField } from "../kit/controls";
import { ExportTable } from "../kit/exportTable";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { inputOf, instrumentHost, isEmpty, useInstrument } from "../kit/instrument";
import { InstrumentMenu } from "../kit/instrumentMenu";
import { t } from "../kit/l10n";
import { Empty, RunState } from "../kit/message";
import { Panel, ProbeBox } from "../kit/probeBox";
import { noGroups } from "../kit/promptSets";
import { neuronsTable } from "../kit/resultTables";
import { TokenStrip } from "../kit/tokenStrip";
import { spell } from "../kit/tokenText";
import { visibleToken } from "../kit/visible";
import { Candidates } from "./candidates";
import { NeuronList } from "./neuronList";
import { OneNeuron } from "./oneNeuron";

const host = instrumentHost();

type Tab = "list" | "one" | "candidates";

interface Settings {
  tab: Tab;
  layer: string;
  position: number;
  target: string;
  count: number;
  id: string;
  groups: Groups;
}

export function Neurons(): VNode {
  const run = useRun<NeuronsResult>();
  const panel = useInstrument<Settings>(
    host,
    { tab: "list", layer: "", position: -1, target: "", count: 30, id: "", groups: noGroups },
    ({ instrument, layer, position, target, id }) => ({
      tab: instrument === "neuron" || id !== undefined ? "one" : "list",
      layer: instrument === "neuron" || layer === undefined ? "" : String(layer),
      position: position ?? -1,
      target: target ?? "",
      ...(id !== undefined && { id }),
    }),
    (probe, settings) => {
      if (isEmpty(probe)) return;
      const layer = settings.layer === "" ? {} : { layer: Number(settings.layer) };
      const target = settings.target === "" ? {} : { target: settings.target };
      run.start((signal) =>
        host.call(
          "neurons",
          { input: inputOf(probe), position: settings.position, count: settings.count, ...layer, ...target },
          { signal },
        ),
      );
    },
  );
  const { state, probe, setProbe, settings, set, again } = panel;
  const open = (id: string): void => set({ tab: "one", id });
  const layers = state?.model?.layers ?? 0;
  return (
    <Panel
      title={t("neuronsTitle")}
      help={<Help topic={settings.tab === "candidates" ? "candidates" : "neurons"} />}
      state={state}
    >
      <Tabs<Tab>
        label={t("neuronsTitle")}
        active={settings.tab}
        onChange={(tab) => set({ tab })}
        tabs={[
          {
            id: "list",
            label: t("tabList"),
            view: (
              <div class="section grow">
                <ProbeBox
                  probe={probe}
                  onChange={setProbe}
                  onRun={again}
                  busy={run.status === "busy"}
                  ready={Boolean(state?.model)}
                  spelled={spell(run.result?.tokens ?? []).whole}
                >
                  <Dropdown
                    label={t("layer")}
                    value={settings.layer}
                    choices={[
                      { value: "", label: t("allLayers") },
                      ...Array.from({ length: layers }, (_, i) => ({
                        value: String(i),
                        label: t("siteLayer", { layer: i }),
                      })),
                    ]}
                    onChange={(layer) => {
                      set({ layer });
                      again();
                    }}
                  />
                  <TextField
                    label={t("target")}
                    value={settings.target}
                    placeholder={t("none")}
                    title={t("neuronTargetSays")}
                    size={10}
                    onInput={(target) => set({ target })}
                    onEnter={again}
                  />
                </ProbeBox>
                <RunState run={run} what={t("computingNeurons")} />
                {run.result ? (
                  <>
                    <TokenStrip
                      tokens={run.result.tokens}
                      chosen={run.result.position}
                      label={t("choosePosition")}
                      onChoose={(position) => {
                        set({ position });
                        again();
                      }}
                    />
                    <NeuronList result={run.result} target={settings.target} onOpen={open} />
                    <ExportTable host={host} name="neurons" table={() => neuronsTable(run.result as NeuronsResult)} />
                    <Place result={run.result} target={settings.target} />
                  </>
                ) : (
                  run.status === "idle" && (
                    <Empty icon="circuit-board" title={t("neuronsEmptyTitle")}>
                      <p>{t("panelEmptyText")}</p>
                      <Button onClick={() => (setProbe({ kind: "prompt", text: "The capital of France is" }), again())}>
                        {t("tryExample")}
                      </Button>
                    </Empty>
                  )
                )}
              </div>
            ),
          },
          {
            id: "one",
            label: t("tabOne"),
            view: (
              <OneNeuron
                host={host}
                id={settings.id}
                onId={(id) => set({ id })}
                groups={settings.groups}
                onGroups={(groups) => set({ groups })}
                model={state?.model ?? null}
              />
            ),
          },
          {
            id: "candidates",
            label: t("tabCandidates"),
            view: (
              <Candidates host={host} groups={settings.groups} onGroups={(groups) => set({ groups })} onOpen={open} />
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Place({ result, target }: { result: NeuronsResult; target: string }): VNode {
  const token = visibleToken(result.tokens[result.position] ?? { text: "" });
  return (
    <div class="section">
      <span class="muted small">{t("instrumentsThere")}</span>
      <InstrumentMenu
        host={host}
        without="neurons"
        make={(instrument) => ({
          instrument,
          tokens: result.tokens.map(({ id }) => id),
          position: result.position,
          ...(target !== "" && { target }),
          title: t("placeTitle", { token }).slice(0, 200),
        })}
      />
    </div>
  );
}
