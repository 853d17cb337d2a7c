import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { FeatureKind, FeaturesTrainProgress, FeaturesTrainResult } from "../../src/contract/acting";
import type { Corpus, FeatureFolder } from "../../src/contract/actingView";
import type { ModelInfo } from "../../src/contract/model";
import type { Site } from "../../src/contract/sites";
import type { InstrumentHost } from "../kit/instrument";
import { Button, Checkbox, Dropdown, TextField } from "../kit/controls";
import { CorpusChoice } from "../kit/corpusChoice";
import { Curve } from "../kit/curve";
import { count, duration, figure, percent } from "../kit/format";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Note, RunState } from "../kit/message";
import { Measures } from "./measures";

const sites = ["resid_post", "resid_mid", "mlp_out", "attn_out", "mlp_post"] as const satisfies readonly Site[];
type TrainSite = (typeof sites)[number];

export interface TrainForm {
  name: string;
  site: TrainSite;
  /** Empty: the middle. */
  layer: string;
  kind: FeatureKind;
  features: string;
  k: string;
  lambda: string;
  rows: string;
  fresh: boolean;
}

export const firstForm: TrainForm = {
  name: "",
  site: "resid_post",
  layer: "",
  kind: "topk",
  features: "1024",
  k: "24",
  lambda: "",
  rows: "",
  fresh: false,
};

const whole = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text.trim()) : undefined);

/** Learns the features of one site from text, with its curves as it learns; stopped, it can be taken up again. */
export function Train(props: {
  host: InstrumentHost;
  model: ModelInfo;
  form: TrainForm;
  onForm: (change: Partial<TrainForm>) => void;
  folders: readonly FeatureFolder[];
  onTrained: (name: string) => void;
}): VNode {
  const { host, model, form, onForm, folders, onTrained } = props;
  const [corpus, setCorpus] = useState<Corpus>({ kind: "workspace" });
  const [points, setPoints] = useState<FeaturesTrainProgress[]>([]);
  const run = useRun<FeaturesTrainResult>();
  const layer = form.layer === "" ? Math.floor(model.layers / 2) : Number(form.layer);
  const name =
    form.name.trim() === "" ? `${form.site}-${layer}-${form.kind}-${form.features.trim()}` : form.name.trim();
  const features = whole(form.features);
  const k = whole(form.k);
  const rows = form.rows.trim() === "" ? null : whole(form.rows);
  const lambda = form.lambda.trim() === "" ? null : Number(form.lambda);
  const wrong =
    features === undefined || features < 8
      ? t("trainBadFeatures")
      : form.kind === "topk" && (k === undefined || k < 1 || k > features)
        ? t("trainBadK")
        : form.kind !== "topk" && lambda !== null && !(lambda >= 0 && Number.isFinite(lambda))
          ? t("trainBadLambda")
          : rows === undefined || rows === 0
            ? t("trainBadRows")
            : null;
  const there = folders.find((folder) => folder.name === name);
  const busy = run.status === "busy";
  const start = (): void => {
    if (wrong !== null || features === undefined) return;
    setPoints([]);
    run.start(async (signal, progress) => {
      const seen: FeaturesTrainProgress[] = [];
      const result = await host.call(
        "trainFeatures",
        {
          name,
          corpus,
          site: form.site,
          layer,
          kind: form.kind,
          features,
          ...(form.kind === "topk" ? { k: k! } : lambda !== null && { lambda }),
          ...(rows !== null && rows !== undefined && { rows }),
          ...(form.fresh && { fresh: true }),
        },
        {
          signal,
          patient: true,
          onProgress: (point) => {
            seen.push(point);
            progress(point.steps > 0 ? point.step / point.steps : null);
            setPoints([...seen]);
          },
        },
      );
      onTrained(result.folder);
      return result;
    });
  };
  const field = (
    key: "name" | "features" | "k" | "lambda" | "rows",
    label: string,
    size: number,
    hint: string,
  ): VNode => (
    <TextField
      label={label}
      value={form[key]}
      size={size}
      placeholder={hint}
      disabled={busy}
      onInput={(value) => onForm({ [key]: value })}
    />
  );
  const last = points.at(-1);
  return (
    <div class="section grow">
      <div class="sectionHead">
        <h2>{t("trainTitle")}</h2>
        <Help topic="featuresTrain" />
      </div>
      <p class="muted">{t("trainSays")}</p>
      <div class="row formRow">
        <Dropdown<TrainSite>
          label={t("site")}
          value={form.site}
          choices={sites.filter((site) => model.sites.includes(site)).map((value) => ({ value, label: value }))}
          disabled={busy}
          onChange={(site) => onForm({ site })}
        />
        <Dropdown
          label={t("layer")}
          value={String(layer)}
          choices={Array.from({ length: model.layers }, (_, i) => ({
            value: String(i),
            label: t("siteLayer", { layer: i }),
          }))}
          disabled={busy}
          onChange={(value) => onForm({ layer: value })}
        />
        <Dropdown<FeatureKind>
          label={t("trainKind")}
          title={t("trainKindSays")}
          value={form.kind}
          choices={[
            { value: "topk", label: "TopK" },
            { value: "l1", label: "L1" },
            { value: "jumprelu", label: "JumpReLU" },
          ]}
          disabled={busy}
          onChange={(kind) => onForm({ kind, lambda: "" })}
        />
        {field("features", t("trainFeatures"), 7, "1024")}
        {form.kind === "topk"
          ? field("k", "k", 4, "24")
          : field("lambda", "λ", 6, form.kind === "l1" ? "0.12" : "0.0004")}
        {field("rows", t("trainRows"), 9, t("trainRowsHint"))}
      </div>
      <div class="row formRow">
        <CorpusChoice host={host} corpus={corpus} onChange={setCorpus} />
        {field("name", t("trainName"), 26, name)}
        {there && (
          <Checkbox
            label={t("trainFresh")}
            title={t("trainFreshSays")}
            checked={form.fresh}
            disabled={busy}
            onChange={(fresh) => onForm({ fresh })}
          />
        )}
      </div>
      {there?.checkpoint && !form.fresh && <Note icon="history">{t("trainResumes", { name })}</Note>}
      <div class="row">
        <Button kind="primary" icon="play" disabled={wrong !== null || busy} onClick={start}>
          {there?.checkpoint && !form.fresh ? t("trainGoOn") : t("trainStart")}
        </Button>
        {busy && (
          <Button icon="debug-stop" onClick={run.cancel}>
            {t("trainStop")}
          </Button>
        )}
        {wrong !== null && <span class="small errorWord">{wrong}</span>}
      </div>
      <RunState run={run} what={t("training")} />
      {last && (
        <p class="small" aria-live="off">
          {t("trainLine", {
            step: count(last.step),
            steps: count(last.steps),
            ev: percent(last.explainedVariance),
            l0: figure(last.l0),
            dead: count(last.dead),
            time: duration(last.seconds * 1000),
          })}
        </p>
      )}
      {points.length > 1 && <Curves points={points} />}
      {run.result && (
        <>
          {run.result.partial && <Note icon="circle-slash">{t("trainPartial")}</Note>}
          <Measures measures={run.result} seconds={run.result.seconds} overhead={run.result.overhead} />
        </>
      )}
    </div>
  );
}

/** Explained variance against active features, loss against dead ones. */
function Curves({ points }: { points: readonly FeaturesTrainProgress[] }): VNode {
  const thin = useMemo(() => {
    const step = Math.ceil(points.length / 300);
    return points.filter((_, i) => i % step === 0 || i === points.length - 1);
  }, [points]);
  const x = useMemo(() => thin.map(({ step }) => step), [thin]);
  const first = useMemo(
    () => [
      {
        name: t("explainedVariance"),
        values: thin.map((each) => each.explainedVariance * 100),
        colour: "accent" as const,
      },
      { name: "L0", values: thin.map(({ l0 }) => l0), colour: "warm" as const, side: "right" as const, dashed: true },
    ],
    [thin],
  );
  const second = useMemo(
    () => [
      { name: t("loss"), values: thin.map(({ loss }) => loss), colour: "accent" as const },
      {
        name: t("deadFeatures"),
        values: thin.map(({ dead }) => dead),
        colour: "muted" as const,
        side: "right" as const,
        dashed: true,
      },
    ],
    [thin],
  );
  return (
    <div class="columns">
      <Curve
        label={t("curveVariance")}
        x={x}
        xLabel={t("step")}
        yLabel={`${t("explainedVariance")} %`}
        rightLabel="L0"
        series={first}
        height={190}
      />
      <Curve
        label={t("curveLoss")}
        x={x}
        xLabel={t("step")}
        yLabel={t("loss")}
        rightLabel={t("deadFeatures")}
        series={second}
        height={190}
      />
    </div>
  );
}
