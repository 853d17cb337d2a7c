import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { OperatorStep } from "../../src/contract/operator";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";

/** Every step on a line, the latest last and in sight; what surprised is marked by icon and word, not by colour alone. */
export function StepList(props: {
  steps: readonly OperatorStep[];
  chosen: number | null;
  onChoose: (n: number) => void;
}): VNode {
  const { steps, chosen, onChoose } = props;
  const list = useRef<HTMLOListElement>(null);
  const latest = steps.at(-1)?.n;
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [latest]);
  return (
    <ol class="stepList" ref={list}>
      {steps.map((step) => (
        <li key={step.n}>
          <button
            type="button"
            class={`stepItem${step.n === chosen ? " chosen" : ""}`}
            aria-current={step.n === chosen ? "step" : undefined}
            onClick={() => onChoose(step.n)}
          >
            <Icon name={iconOf(step)} />
            <span class="grow stepWords">
              {step.n}. {step.action}
            </span>
            <span class="muted small nowrap">
              {step.ok
                ? step.surprise === undefined
                  ? t(step.by === "person" ? "operatorYou" : "operatorAgent")
                  : t("operatorCame")
                : t("operatorFailed")}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function iconOf({ ok, surprise, by }: OperatorStep): string {
  if (!ok) return "error";
  if (surprise !== undefined) return "warning";
  return by === "person" ? "person" : "check";
}
