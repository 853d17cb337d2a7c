import type { ComponentChildren, VNode } from "preact";
import type { ErrorData } from "../../src/contract/errors";
import type { Run } from "./hooks";
import { Button } from "./controls";
import { Icon } from "./icon";
import { percent } from "./format";
import { t } from "./l10n";

/** What went wrong in one sentence, what can be done in another, and a button where there is one. */
export function ErrorBox({ error, children }: { error: ErrorData; children?: ComponentChildren }): VNode {
  return (
    <div class="errorBox" role="alert">
      <Icon name="error" />
      <div class="errorText">
        <p>{error.message}</p>
        {error.remedy && <p class="muted">{error.remedy}</p>}
        {children && <div class="row">{children}</div>}
      </div>
    </div>
  );
}

export function Note({ icon = "info", children }: { icon?: string; children: ComponentChildren }): VNode {
  return (
    <div class="note">
      <Icon name={icon} />
      <div>{children}</div>
    </div>
  );
}

export function Progress({ fraction, label }: { fraction: number | null; label: string }): VNode {
  const value = fraction === null ? undefined : Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div
      class={`progress${value === undefined ? " unknown" : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
    >
      <div class="progressBar" style={value === undefined ? {} : { width: `${value}%` }} />
    </div>
  );
}

/** Progress with cancel while busy, the error when it failed, a word when it was cancelled. */
export function RunState({ run, what }: { run: Omit<Run<unknown>, "start">; what: string }): VNode {
  return (
    <div class="runState">
      {run.status === "busy" && (
        <div class="row">
          <Progress fraction={run.fraction} label={what} />
          <span class="muted nowrap" aria-hidden="true">
            {run.fraction === null ? what : `${what} ${percent(run.fraction)}`}
          </span>
          <Button onClick={run.cancel}>{t("cancel")}</Button>
        </div>
      )}
      {run.status === "failed" && run.error && <ErrorBox error={run.error} />}
      {run.status === "cancelled" && <Note icon="circle-slash">{t("cancelledNote")}</Note>}
      <div class="hidden" role="status">
        {run.status === "busy" ? what : run.status === "done" ? t("doneNote") : ""}
      </div>
    </div>
  );
}

export function Empty({ icon, title, children }: { icon: string; title: string; children?: ComponentChildren }): VNode {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
