import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { FeatureContext, FeatureShown } from "../../src/contract/acting";
import type { Corpus } from "../../src/contract/actingView";
import type { InstrumentHost } from "../kit/instrument";
import { Button } from "../kit/controls";
import { CorpusChoice } from "../kit/corpusChoice";
import { Curve } from "../kit/curve";
import { figure, percent, signed } from "../kit/format";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Note, RunState } from "../kit/message";
import { visibleToken } from "../kit/visible";
import { ActOn } from "./actOn";

/** All that is known of one feature, its label to write, and what can be done with it. */
export function OneFeature(props: {
  host: InstrumentHost;
  folder: string;
  feature: number;
  onFeature: (feature: number) => void;
  onChanged: () => void;
}): VNode {
  const { host, folder, feature, onFeature, onChanged } = props;
  const run = useRun<FeatureShown>();
  const load = (): void => run.start((signal) => host.call("featureShow", { folder, feature }, { signal }));
  useEffect(load, [folder, feature]);
  const shown = run.result;
  return (
    <section class="section oneFeature" aria-label={t("featNumber", { n: String(feature) })}>
      <div class="sectionHead">
        <h2>{t("featNumber", { n: String(feature) })}</h2>
        {shown && (
          <span class="muted small">
            {t("featFigures", { density: percent(shown.density), max: figure(shown.maxActivation) })}
          </span>
        )}
      </div>
      <RunState run={run} what={t("featReading")} />
      {shown && (
        <>
          <Label
            host={host}
            folder={folder}
            feature={feature}
            label={shown.label}
            known={shown.contexts.length > 0}
            onSaved={() => (load(), onChanged())}
          />
          <ActOn host={host} folder={folder} feature={feature} max={shown.maxActivation} />
          <Contexts host={host} folder={folder} shown={shown} onRead={() => (load(), onChanged())} />
          <div class="columns">
            <Tokens title={t("promotes")} tokens={shown.promotes} />
            <Tokens title={t("suppresses")} tokens={shown.suppresses} />
          </div>
          {shown.promotes.length > 0 && <p class="method">{t("featEffectMethod")}</p>}
          {shown.histogram.counts.some((count) => count > 0) && <Histogram histogram={shown.histogram} />}
          <div class="section">
            <h3>{t("featNearest")}</h3>
            <div class="row">
              {shown.nearest.map(({ feature: other, cosine }) => (
                <button
                  key={other}
                  type="button"
                  class="linkButton"
                  title={t("cosineIs", { value: figure(cosine) })}
                  onClick={() => onFeature(other)}
                >
                  {`${other} (${figure(cosine, 2)})`}
                </button>
              ))}
            </div>
          </div>
        </>
      )}
    </section>
  );
}

/** A person writes the label; the model may propose one, which is no more than words in the field until it is kept. */
function Label(props: {
  host: InstrumentHost;
  folder: string;
  feature: number;
  label: string;
  known: boolean;
  onSaved: () => void;
}): VNode {
  const { host, folder, feature, label, known, onSaved } = props;
  const [text, setText] = useState(label);
  const run = useRun<null>();
  useEffect(() => setText(label), [label]);
  const keep = (): void =>
    run.start(async (signal) => {
      await host.call("labelFeature", { folder, feature, label: text }, { signal });
      onSaved();
      return null;
    });
  const propose = (): void =>
    run.start(async (signal) => {
      setText((await host.call("featureProposeLabel", { folder, feature }, { signal })).label);
      return null;
    });
  return (
    <div class="section">
      <div class="row labelRow">
        <input
          class="box grow"
          value={text}
          maxLength={200}
          aria-label={t("label")}
          placeholder={t("labelHint")}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.isComposing && text !== label) keep();
          }}
        />
        <Button disabled={text === label || run.status === "busy"} onClick={keep}>
          {t("labelKeep")}
        </Button>
        <Button
          icon="sparkle"
          disabled={!known || run.status === "busy"}
          title={known ? t("labelProposeSays") : t("labelNeedsContexts")}
          onClick={propose}
        >
          {t("labelPropose")}
        </Button>
      </div>
      <RunState run={run} what={t("labelAsking")} />
    </div>
  );
}

/** Where it was most active. Without contexts: text can be read for them, for all features at once. */
function Contexts(props: { host: InstrumentHost; folder: string; shown: FeatureShown; onRead: () => void }): VNode {
  const { host, folder, shown, onRead } = props;
  const run = useRun<{ tokens: number; features: number; partial: boolean }>();
  const [corpus, setCorpus] = useState<Corpus>({ kind: "workspace" });
  const read = (): void =>
    run.start(async (signal, progress) => {
      const result = await host.call(
        "browseFeatures",
        { folder, corpus, count: 12 },
        { signal, patient: true, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      );
      onRead();
      return result;
    });
  const strongest = Math.max(1e-9, shown.maxActivation);
  return (
    <div class="section">
      <h3>{t("featContexts")}</h3>
      {shown.contexts.length === 0 && <Note>{shown.density > 0 ? t("featNoContexts") : t("featNotBrowsed")}</Note>}
      <ol class="contexts">
        {shown.contexts.map((context, i) => (
          <li key={i}>
            <Context context={context} strongest={strongest} />
          </li>
        ))}
      </ol>
      <details open={shown.contexts.length === 0}>
        <summary>{t("featReadText")}</summary>
        <div class="row detailsBody">
          <CorpusChoice host={host} corpus={corpus} onChange={setCorpus} />
          <Button onClick={read} disabled={run.status === "busy"}>
            {t("featReadStart")}
          </Button>
        </div>
        <RunState run={run} what={t("featReadingText")} />
        {run.result && (
          <p class="muted small">
            {t("featRead", { tokens: run.result.tokens, features: run.result.features })}
            {run.result.partial ? ` ${t("featReadPartial")}` : ""}
          </p>
        )}
      </details>
    </div>
  );
}

function Context({ context, strongest }: { context: FeatureContext; strongest: number }): VNode {
  const { source, tokens, activations, at } = context;
  return (
    <figure class="context">
      <figcaption class="muted small">
        <span class="contextSource">{source}</span>
        <span>{figure(activations[at] ?? 0)}</span>
      </figcaption>
      <p class="mono contextText">
        {tokens.map((text, i) => {
          const value = activations[i] ?? 0;
          const share = Math.min(1, Math.max(0, value / strongest));
          return (
            <span
              key={i}
              class={i === at ? "strongest" : ""}
              title={`${visibleToken({ text })}: ${figure(value)}`}
              style={
                share > 0.02
                  ? { background: `color-mix(in srgb, var(--accent) ${Math.round(12 + share * 50)}%, transparent)` }
                  : {}
              }
            >
              {text.replace(/\n/g, "⏎")}
            </span>
          );
        })}
      </p>
    </figure>
  );
}

function Tokens({ title, tokens }: { title: string; tokens: FeatureShown["promotes"] }): VNode {
  return (
    <div class="section">
      <h3>{title}</h3>
      {tokens.length === 0 && <p class="muted small">{t("featNoTokens")}</p>}
      <div class="tokenChips">
        {tokens.map((each) => (
          <span
            key={each.id}
            class={`chip mono ${each.logit < 0 ? "down" : "up"}`}
            title={t("logitTitle", { token: visibleToken(each), logit: signed(each.logit) })}
          >
            {visibleToken(each)}
          </span>
        ))}
      </div>
    </div>
  );
}

function Histogram({ histogram }: { histogram: FeatureShown["histogram"] }): VNode {
  const { edges, counts } = histogram;
  const middles = useMemo(() => edges.slice(1).map((edge, i) => (edge + edges[i]!) / 2), [histogram]);
  const series = useMemo(
    () => [{ name: t("featTokens"), values: counts, colour: "accent" as const, bars: true }],
    [histogram],
  );
  return (
    <div class="section">
      <h3>{t("featHistogram")}</h3>
      <Curve
        label={t("featHistogram")}
        x={middles}
        xLabel={t("activation")}
        yLabel={t("featTokens")}
        series={series}
        height={150}
      />
      <details>
        <summary>{t("showTable")}</summary>
        <table class="data compact">
          <tbody>
            {counts.map((count, i) => (
              <tr key={i}>
                <th scope="row">{`${figure(edges[i]!)} – ${figure(edges[i + 1]!)}`}</th>
                <td class="number">{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
