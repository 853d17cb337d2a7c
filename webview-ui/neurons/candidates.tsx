import type { VNode } from "preact";
import type { NeuronCandidatesResult } from "../../src/contract/instruments";
import type { InstrumentHost } from "../kit/instrument";
import type { Groups } from "../kit/promptSets";
import { Button } from "../kit/controls";
import { figure } from "../kit/format";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { RunState } from "../kit/message";
import { countOf, inputsOf, PromptGroups } from "../kit/promptSets";
import { SignedBar } from "../kit/signedBar";

/** All neurons by how well they tell two groups of prompts apart: where an experiment may begin. */
export function Candidates(props: {
  host: InstrumentHost;
  groups: Groups;
  onGroups: (groups: Groups) => void;
  onOpen: (id: string) => void;
}): VNode {
  const { host, groups, onGroups, onOpen } = props;
  const run = useRun<NeuronCandidatesResult>();
  const ready = countOf(groups.positive) > 0 && countOf(groups.negative) > 0;
  const start = (): void =>
    run.start((signal, progress) =>
      host.call(
        "neuronCandidates",
        {
          positive: inputsOf(groups.positive, groups.chat),
          negative: inputsOf(groups.negative, groups.chat),
          count: 40,
        },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      ),
    );
  return (
    <div class="section grow">
      <p class="muted">{t("candidatesSays")}</p>
      <PromptGroups host={host} groups={groups} onChange={onGroups} />
      <div class="row">
        <Button kind="primary" icon="search" disabled={!ready || run.status === "busy"} onClick={start}>
          {t("findCandidates")}
        </Button>
        {!ready && <span class="muted small">{t("bothGroups")}</span>}
      </div>
      <RunState run={run} what={t("searchingCandidates")} />
      {run.result && (
        <div class="tableBox tall">
          <table class="data">
            <caption class="hidden">{t("tabCandidates")}</caption>
            <thead>
              <tr>
                <th>{t("neuron")}</th>
                <th class="number">AUC</th>
                <th class="barColumn narrow" />
                <th class="number">{t("meanOnPositive")}</th>
                <th class="number">{t("meanOnNegative")}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {run.result.neurons.map(({ id, auc, meanPositive, meanNegative }) => (
                <tr key={id}>
                  <th scope="row">
                    <button type="button" class="linkButton" title={t("openNeuron", { id })} onClick={() => onOpen(id)}>
                      {id}
                    </button>
                  </th>
                  <td class="number">{auc.toFixed(3)}</td>
                  <td class="barColumn narrow">
                    <SignedBar value={auc - 0.5} most={0.5} />
                  </td>
                  <td class="number">{figure(meanPositive)}</td>
                  <td class="number">{figure(meanNegative)}</td>
                  <td>
                    <Button onClick={() => onOpen(id)}>{t("experimentWith")}</Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
