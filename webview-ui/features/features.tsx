import "./features.css";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { FeaturesMeasures, FeaturesOfTokenResult } from "../../src/contract/acting";
import type { Corpus, FeatureFolder } from "../../src/contract/actingView";
import { VitrineError } from "../../src/contract/errors";
import type { TrainForm } from "./train";
import { Button, Dropdown, Tabs } from "../kit/controls";
import { CorpusChoice } from "../kit/corpusChoice";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { inputOf, instrumentHost, isEmpty, useInstrument } from "../kit/instrument";
import { t } from "../kit/l10n";
import { Empty, ErrorBox, Note, RunState } from "../kit/message";
import { Panel, ProbeBox } from "../kit/probeBox";
import { quietly } from "../kit/quietly";
import { spell } from "../kit/tokenText";
import { Browse } from "./browse";
import { Measures } from "./measures";
import { TokenFeatures } from "./tokenFeatures";
import { firstForm, Train } from "./train";

const host = instrumentHost();

type Tab = "browse" | "tokens" | "train" | "quality";

interface Settings {
  tab: Tab;
  folder: string;
  search: string;
  feature: number;
  position: number;
  form: TrainForm;
}

const defaults: Settings = { tab: "browse", folder: "", search: "", feature: -1, position: -1, form: firstForm };

/** The chosen folder, or the first that can be read. */
function chosenOf(folders: readonly FeatureFolder[], name: string): FeatureFolder | undefined {
  return folders.find((folder) => folder.name === name) ?? folders.find(({ info }) => info?.matches !== false && info);
}

export function Features(): VNode {
  const [folders, setFolders] = useState<FeatureFolder[] | null>(null);
  const run = useRun<FeaturesOfTokenResult>();
  const loading = useRun<string | null>();
  const panel = useInstrument<Settings>(
    host,
    defaults,
    ({ tokens, text, position, name }) => ({
      ...(tokens !== undefined || text !== undefined ? { tab: "tokens" as const } : {}),
      ...(name !== undefined && { folder: name, feature: -1 }),
      position: position ?? -1,
    }),
    (probe, settings) => {
      if (settings.tab !== "tokens" || isEmpty(probe)) return;
      run.start(async (signal) => {
        const known = await host.call("featureFolders", {}, { signal });
        const folder = chosenOf(known.folders, settings.folder);
        if (!folder) throw new VitrineError({ code: "fileMissing", message: t("featNone"), remedy: t("featNoneSays") });
        return await host.call(
          "featuresOfTokens",
          { folder: folder.name, input: inputOf(probe), count: 16 },
          { signal },
        );
      });
    },
  );
  const { state, probe, setProbe, settings, set, again } = panel;
  const fingerprint = state?.model?.fingerprint;
  const refresh = (): void =>
    quietly(
      host,
      host.call("featureFolders", {}).then((result) => setFolders(result.folders)),
    );
  useEffect(() => {
    if (fingerprint !== undefined) refresh();
  }, [fingerprint]);
  const folder = chosenOf(folders ?? [], settings.folder);
  const load = (): void =>
    loading.start(async (signal) => {
      const { name } = await host.call("importFeatures", {}, { signal });
      if (name !== null) {
        set({ folder: name, feature: -1, tab: "browse" });
        refresh();
      }
      return name;
    });
  const openFeature = (feature: number): void => set({ tab: "browse", feature });
  const none = folders !== null && folders.length === 0 && (
    <Empty icon="group-by-ref-type" title={t("featNone")}>
      <p>{t("featNoneSays")}</p>
      <div class="row">
        <Button kind="primary" onClick={() => set({ tab: "train" })}>
          {t("trainStart")}
        </Button>
        <Button onClick={load}>{t("featLoad")}</Button>
      </div>
    </Empty>
  );
  const unreadable = folder?.error && <ErrorBox error={folder.error} />;
  return (
    <Panel title={t("featTitle")} help={<Help topic="features" />} state={state}>
      <div class="row">
        {folders && folders.length > 0 && (
          <Dropdown
            label={t("featFolder")}
            value={folder?.name ?? ""}
            choices={folders.map(({ name, error }) => ({ value: name, label: error ? `${name} ⚠` : name }))}
            onChange={(name) => {
              set({ folder: name, feature: -1 });
              if (settings.tab === "tokens") again();
            }}
          />
        )}
        {folder?.info && (
          <span class="muted small">
            {t("featAbout", {
              site: folder.info.site,
              layer: folder.info.layer,
              kind: kindName(folder.info.kind),
              n: folder.info.features,
              labelled: folder.info.labelled,
            })}
          </span>
        )}
        <span class="grow" />
        <Button onClick={load} title={t("featLoadSays")}>
          {t("featLoad")}
        </Button>
        {folder?.info && (
          <Button
            title={t("featExportSays")}
            onClick={() => quietly(host, host.call("exportFeatures", { folder: folder.name }))}
          >
            {t("export")}
          </Button>
        )}
      </div>
      <RunState run={loading} what={t("featLoading")} />
      {folder?.info?.warnings.map((warning) => (
        <Note key={warning} icon="warning">
          {warning}
        </Note>
      ))}
      <Tabs<Tab>
        label={t("featTitle")}
        active={settings.tab}
        onChange={(tab) => set({ tab })}
        tabs={[
          {
            id: "browse",
            label: t("tabBrowse"),
            view: (
              <div class="section grow">
                {none || unreadable}
                {folder?.info && (
                  <Browse
                    host={host}
                    folder={folder}
                    search={settings.search}
                    onSearch={(search) => set({ search })}
                    feature={settings.feature}
                    onFeature={(feature) => set({ feature })}
                  />
                )}
              </div>
            ),
          },
          {
            id: "tokens",
            label: t("tabTokens"),
            view: (
              <div class="section grow">
                <ProbeBox
                  probe={probe}
                  onChange={setProbe}
                  onRun={again}
                  busy={run.status === "busy"}
                  ready={Boolean(state?.model)}
                  spelled={spell(run.result?.tokens ?? []).whole}
                />
                <RunState run={run} what={t("featReading")} />
                {run.result ? (
                  <TokenFeatures
                    result={run.result}
                    position={settings.position}
                    onPosition={(position) => set({ position })}
                    onFeature={openFeature}
                  />
                ) : (
                  run.status === "idle" && (none || <p class="muted">{t("panelEmptyText")}</p>)
                )}
              </div>
            ),
          },
          {
            id: "train",
            label: t("tabTrain"),
            view: state?.model ? (
              <Train
                host={host}
                model={state.model}
                form={settings.form}
                onForm={(change) => set({ form: { ...settings.form, ...change } })}
                folders={folders ?? []}
                onTrained={(name) => {
                  set({ folder: name, feature: -1 });
                  refresh();
                }}
              />
            ) : null,
          },
          {
            id: "quality",
            label: t("tabQuality"),
            view: (
              <div class="section grow">
                {none || unreadable}
                {folder?.info && <Quality key={folder.name} folder={folder} />}
              </div>
            ),
          },
        ]}
      />
    </Panel>
  );
}

const kindName = (kind: string): string => (kind === "topk" ? "TopK" : kind === "l1" ? "L1" : "JumpReLU");

/** The measures kept with a folder, and measuring on other text. */
function Quality({ folder }: { folder: FeatureFolder }): VNode {
  const run = useRun<FeaturesMeasures>();
  const [corpus, setCorpus] = useState<Corpus>({ kind: "workspace" });
  const measure = (): void =>
    run.start((signal, progress) =>
      host.call(
        "evaluateFeatures",
        { folder: folder.name, corpus },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      ),
    );
  const kept = folder.info?.measures;
  return (
    <div class="section grow">
      <h2>{t("qualityKept")}</h2>
      {kept ? <Measures measures={kept} /> : <p class="muted">{t("qualityNone")}</p>}
      <h2>{t("qualityOther")}</h2>
      <div class="row">
        <CorpusChoice host={host} corpus={corpus} onChange={setCorpus} />
        <Button onClick={measure} disabled={run.status === "busy"}>
          {t("qualityMeasure")}
        </Button>
      </div>
      <RunState run={run} what={t("qualityMeasuring")} />
      {run.result && <Measures measures={run.result} />}
    </div>
  );
}
