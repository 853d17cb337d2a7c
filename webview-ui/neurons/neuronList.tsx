import type { VNode } from "preact";
import type { NeuronsResult } from "../../src/contract/instruments";
import { Chips } from "../kit/chips";
import { figure, signed } from "../kit/format";
import { t } from "../kit/l10n";
import { SignedBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";

/** Neurons in the order of what they say at the position, each a link to itself. */
export function NeuronList(props: { result: NeuronsResult; target: string; onOpen: (id: string) => void }): VNode {
  const { result, target, onOpen } = props;
  const most = Math.max(1e-9, ...result.neurons.map(({ contribution }) => Math.abs(contribution)));
  const expert = result.neurons.some((neuron) => neuron.expert !== undefined);
  return (
    <div class="tableBox tall">
      <table class="data">
        <caption class="hidden">{t("neuronsTitle")}</caption>
        <thead>
          <tr>
            <th>{t("neuron")}</th>
            {expert && <th class="number">{t("expertSlot")}</th>}
            <th class="number">{t("activation")}</th>
            <th class="number">{target === "" ? t("writes") : t("contribution")}</th>
            <th class="barColumn narrow" />
            <th>{t("promotes")}</th>
            <th>{t("suppresses")}</th>
          </tr>
        </thead>
        <tbody>
          {result.neurons.map((neuron) => (
            <tr key={`${neuron.id}-${neuron.slot ?? ""}`}>
              <th scope="row">
                <button
                  type="button"
                  class="linkButton"
                  title={t("openNeuron", { id: neuron.id })}
                  onClick={() => onOpen(neuron.id)}
                >
                  {neuron.id}
                </button>
              </th>
              {expert && <td class="number">{`${neuron.expert ?? "–"} / ${neuron.slot ?? "–"}`}</td>}
              <td class="number">{figure(neuron.activation)}</td>
              <td class="number">{signed(neuron.contribution)}</td>
              <td class="barColumn narrow">
                <SignedBar value={neuron.contribution} most={most} />
              </td>
              <td>
                <Chips tokens={neuron.promotes} kind="up" title={(i) => told(neuron.promotes[i]!)} />
              </td>
              <td>
                <Chips tokens={neuron.suppresses} kind="down" title={(i) => told(neuron.suppresses[i]!)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="method padded">
        {target === "" ? t("neuronsMethodPlain") : t("neuronsMethodTarget", { target: visibleToken({ text: target }) })}
      </p>
    </div>
  );
}

function told({ text, logit }: { text: string; logit: number }): string {
  return t("logitTitle", { token: visibleToken({ text }), logit: signed(logit) });
}
