import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ModelInfo } from "../../src/contract/model";
import type { InstrumentHost } from "../kit/instrument";
import type { Groups } from "../kit/promptSets";
import { Button, TextField } from "../kit/controls";
import { figure } from "../kit/format";
import { useRun } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Empty, RunState } from "../kit/message";
import { PlainBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";
import { Examples } from "./examples";
import { Experiment } from "./experiment";

type Value = { promotes: Side; suppresses: Side; norm: number };
type Side = { text: string; id: number; logit: number }[];

/** Everything about one neuron: what its value vector says, where it is active, and whether it matters. */
export function OneNeuron(props: {
  host: InstrumentHost;
  id: string;
  onId: (id: string) => void;
  groups: Groups;
  onGroups: (groups: Groups) => void;
  model: ModelInfo | null;
}): VNode {
  const { host, id, onId, groups, onGroups, model } = props;
  const run = useRun<Value>();
  const [typed, setTyped] = useState(id);
  const valid = /^\d+\.\d+(\.\d+)?$/.test(typed.trim());
  useEffect(() => {
    setTyped(id);
    if (id !== "" && model) run.start((signal) => host.call("neuronValue", { id, top: 12 }, { signal }));
  }, [id, model?.fingerprint]);
  return (
    <div class="section grow">
      <div class="row">
        <TextField
          label={t("neuron")}
          value={typed}
          placeholder="3.17"
          title={t("neuronIdSays")}
          size={12}
          onInput={setTyped}
          onEnter={() => valid && onId(typed.trim())}
        />
        <Button kind="primary" disabled={!valid || typed.trim() === id} onClick={() => onId(typed.trim())}>
          {t("show")}
        </Button>
      </div>
      {id === "" ? (
        <Empty icon="circuit-board" title={t("oneEmptyTitle")}>
          <p>{t("oneEmptyText")}</p>
        </Empty>
      ) : (
        <>
          <RunState run={run} what={t("readingValue")} />
          {run.result && (
            <section class="section" aria-label={t("valueVector")}>
              <div class="sectionHead">
                <h2>{t("valueVectorOf", { id })}</h2>
                <span class="muted small">{t("normIs", { value: figure(run.result.norm) })}</span>
              </div>
              <div class="columns">
                <SideTable title={t("promotes")} side={run.result.promotes} />
                <SideTable title={t("suppresses")} side={run.result.suppresses} />
              </div>
              <p class="method">{t("valueMethod")}</p>
            </section>
          )}
          <Examples host={host} id={id} model={model} />
          <Experiment host={host} id={id} groups={groups} onGroups={onGroups} />
        </>
      )}
    </div>
  );
}

function SideTable({ title, side }: { title: string; side: Side }): VNode {
  const most = Math.max(1e-9, ...side.map(({ logit }) => Math.abs(logit)));
  return (
    <table class="data compact">
      <thead>
        <tr>
          <th>{title}</th>
          <th class="number">{t("logit")}</th>
          <th class="barColumn" />
        </tr>
      </thead>
      <tbody>
        {side.map((each) => (
          <tr key={each.id}>
            <td class="mono">{visibleToken(each)}</td>
            <td class="number">{figure(each.logit)}</td>
            <td class="barColumn">
              <PlainBar value={Math.abs(each.logit)} most={most} warm={each.logit < 0} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
