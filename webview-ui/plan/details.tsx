import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PlanEdit, PlanNode, PlanView } from "../../src/contract/plan";
import type { PlanDecisionView } from "../../src/contract/planView";
import type { Item } from "./menu";
import { Button, TextField } from "../kit/controls";
import { asErrorData } from "../kit/host";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";
import { decisionWords, realityWords, statusWords, valueText } from "./words";

/** A node in full: why it is as it is, what was decided about it, and what can be done with it. */
export function Details(props: {
  plan: PlanView;
  node: PlanNode;
  live: boolean;
  items: Item[];
  edit: (edit: PlanEdit) => void;
}): VNode {
  const { plan, node, live, items, edit } = props;
  const { judged, prediction, surprise, cost, action } = node;
  const facts: [string, string | undefined][] = [
    [t("planReason"), node.reason],
    [t("planExpected"), node.expect],
    [
      t("planPredicted"),
      prediction && `${prediction.seen} (${t("planSure", { sure: prediction.confidence.toFixed(2) })})`,
    ],
    [t("planObserved"), node.observed],
    [t("planAction"), action && `${action.name} ${JSON.stringify(action.arguments)}`],
    [t("planReversible"), action && t(action.reversible ? "planYes" : "planNo")],
    [
      t("planSurprise"),
      surprise &&
        (surprise.nats === undefined
          ? t("planSurpriseBy", { by: surprise.by })
          : t("planNats", { nats: surprise.nats.toFixed(1) })),
    ],
    [
      t("planEntropy"),
      judged &&
        `${judged.entropy.toFixed(2)}${judged.meter === undefined ? "" : ` · ${t("planMeter", { value: judged.meter.toFixed(2) })}`}`,
    ],
    [t("planState"), node.state],
    [
      t("planCost"),
      t("planCostSays", {
        replies: cost.replies,
        prompt: cost.promptTokens,
        reused: cost.reusedTokens,
        tokens: cost.tokens,
      }),
    ],
  ];
  return (
    <section aria-label={node.intent}>
      <h2 class="planName">{node.intent}</h2>
      <p class="small">
        {t(realityWords[node.reality])} · {t(statusWords[node.status])}
        {node.value !== null && ` · ${t("planValueIs", { value: valueText(node.value) })}`}
      </p>
      <dl class="planFacts small">
        {facts.map(
          ([name, text]) =>
            text && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ),
        )}
      </dl>
      <div class="row planActions" role="group" aria-label={t("planMenu")}>
        {items.map(({ label, run }) => (
          <Button key={label} onClick={run}>
            {label}
          </Button>
        ))}
      </div>
      {live && <Insert node={node} edit={edit} />}
      <Decisions plan={plan} node={node} />
    </section>
  );
}

function Insert({ node, edit }: { node: PlanNode; edit: (edit: PlanEdit) => void }): VNode {
  const [intent, setIntent] = useState("");
  const [expect, setExpect] = useState("");
  const add = (before: boolean): void => {
    if (intent.trim() === "") return;
    edit({ kind: "insert", node: node.id, intent: intent.slice(0, 400), expect: expect.slice(0, 400), before });
    setIntent("");
    setExpect("");
  };
  return (
    <details class="planInsert">
      <summary class="small">{t("planInsert")}</summary>
      <TextField label={t("planInsertStep")} value={intent} onInput={setIntent} />
      <TextField label={t("planInsertExpect")} value={expect} onInput={setExpect} />
      <div class="row">
        <Button onClick={() => add(false)}>{t("planInsertAfter")}</Button>
        {node.parent !== null && node.status !== "done" && (
          <Button onClick={() => add(true)}>{t("planInsertBefore")}</Button>
        )}
      </div>
    </details>
  );
}

/** Every decision at a node: the prompt, the reply, and the way into the model where it is at hand. */
function Decisions({ plan, node }: { plan: PlanView; node: PlanNode }): VNode {
  const [found, setFound] = useState<PlanDecisionView[]>([]);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    host.call("decisions", { run: plan.run, node: node.id }, { signal: abort.signal }).then(
      ({ decisions }) => setFound(decisions),
      (thrown: unknown) => {
        if (!abort.signal.aborted) setProblem(asErrorData(thrown).message);
      },
    );
    return () => abort.abort();
  }, [plan.run, node.id, node.cost.replies]);
  return (
    <div class="planDecisions">
      <h3>{t("planDecisions", { n: found.length })}</h3>
      {problem && <p class="small errorLine">{problem}</p>}
      {found.map((each) => (
        <details key={each.id}>
          <summary class="small">
            {t(decisionWords[each.kind])}: {each.text.slice(0, 80)}
          </summary>
          {each.messages.map(({ role, content }, i) => (
            <pre key={i} class="small">{`${role}: ${content}`}</pre>
          ))}
          <pre class="small said">{[each.text, ...each.others].join("\n")}</pre>
          {plan.local && each.tokens.length > 0 && (
            <Button
              onClick={() => quietly(host, host.call("look", { run: plan.run, decision: each.id, instrument: "lens" }))}
            >
              <Icon name="search" /> {t("planLook")}
            </Button>
          )}
        </details>
      ))}
    </div>
  );
}
