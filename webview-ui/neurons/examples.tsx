import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { NeuronExample, NeuronExamplesResult } from "../../src/contract/instruments";
import type { ModelInfo } from "../../src/contract/model";
import type { InstrumentHost } from "../kit/instrument";
import { Button } from "../kit/controls";
import { count, figure } from "../kit/format";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Note, RunState } from "../kit/message";
import { visibleToken } from "../kit/visible";

/** Results of a layer serve all its neurons: they are kept while the view lives, by model and layer. */
const found = new Map<string, NeuronExamplesResult>();

/** Number of the neuron in its layer: in a mixture the experts, `width` neurons each, follow one another. */
function numberIn(id: string, width: number): number {
  const [, first = -1, second] = id.split(".").map(Number);
  return second === undefined ? first : first * width + second;
}

/** The places of a corpus where the neuron is most active. One search serves the whole layer; it can be stopped and taken up again. */
export function Examples({ host, id, model }: { host: InstrumentHost; id: string; model: ModelInfo | null }): VNode {
  const layer = Number(id.split(".")[0]);
  const run = useRun<NeuronExamplesResult>();
  const [text, setText] = useState("");
  const key = `${model?.fingerprint}/${layer}`;
  const result = found.get(key) ?? null;
  const number = numberIn(id, model?.neurons ?? 0);
  const own = result?.neurons.find(({ neuron }) => neuron === number)?.examples ?? [];
  const search = (): void =>
    run.start(async (signal, progress) => {
      const texts = text.trim() === "" ? [] : [{ source: t("pastedText"), text }];
      const answer = await host.call(
        "neuronExamples",
        // No texts: the host takes the workspace's, and the search is kept in a file so that it can go on later.
        { layer, texts, count: 8, ...(texts.length === 0 && { state: `examples.${layer}.bin` }) },
        { signal, patient: true, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      );
      found.set(key, answer);
      return answer;
    });
  const strongest = Math.max(1e-9, ...own.map(({ activation }) => Math.abs(activation)));
  return (
    <section class="section" aria-label={t("examplesTitle")}>
      <div class="sectionHead">
        <h2>{t("examplesTitle")}</h2>
        <Help topic="examples" />
        {result && <span class="muted small">{t("examplesSeen", { n: count(result.tokensSeen) })}</span>}
      </div>
      <div class="row">
        <Button onClick={search} disabled={run.status === "busy"}>
          {result && !result.done ? t("goOnSearching") : t("findExamples", { layer })}
        </Button>
        <span class="muted small grow">{t("examplesCorpus")}</span>
      </div>
      <textarea
        class="box"
        rows={2}
        value={text}
        aria-label={t("fitText")}
        placeholder={t("examplesPlaceholder")}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <RunState run={run} what={t("searchingExamples")} />
      {result && !result.done && <Note icon="circle-slash">{t("examplesPartial")}</Note>}
      {result && own.length === 0 && <p class="muted">{t("noExamples")}</p>}
      <ol class="examples">
        {own.map((example, i) => (
          <li key={i}>
            <Example example={example} strongest={strongest} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Example({ example, strongest }: { example: NeuronExample; strongest: number }): VNode {
  const { source, activation, tokens, activations, at } = example;
  return (
    <figure class="example">
      <figcaption class="muted small">
        <span>{source}</span>
        <span>{t("activationIs", { value: figure(activation) })}</span>
      </figcaption>
      <p class="mono exampleText">
        {tokens.map((text, i) => {
          const value = activations[i] ?? 0;
          const share = Math.min(1, Math.abs(value) / strongest);
          const colour = value < 0 ? "var(--warm)" : "var(--accent)";
          return (
            <span
              key={i}
              class={i === at ? "strongest" : ""}
              title={`${visibleToken({ text })}: ${figure(value)}`}
              style={
                share > 0.05
                  ? { background: `color-mix(in srgb, ${colour} ${Math.round(share * 65)}%, transparent)` }
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
