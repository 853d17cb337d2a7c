import type { VNode } from "preact";
import type { DirectionJob, DirectionJobKind, DirectionResults } from "../../src/contract/directionsView";
import { Button } from "../kit/controls";
import { percent } from "../kit/format";
import { t } from "../kit/l10n";
import { ErrorBox, Note, Progress } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";

/** The work of one kind while it goes on, and why it ended where it did not succeed. */
export function Job(props: {
  kind: DirectionJobKind;
  job: DirectionJob | null | undefined;
  results: DirectionResults | undefined;
}): VNode | null {
  const { kind, job, results } = props;
  if (job?.kind === kind) {
    const what = t("workingOn", { file: job.file });
    return (
      <div class="runState">
        <div class="row">
          <Progress fraction={job.fraction} label={what} />
          <span class="muted nowrap">
            {job.message || what}
            {job.fraction !== null && ` ${percent(job.fraction)}`}
          </span>
          <Button icon="debug-stop" onClick={() => quietly(host, host.call("stop", {}))}>
            {t("stop")}
          </Button>
        </div>
      </div>
    );
  }
  if (job) return <Note icon="loading">{t("otherWork", { file: job.file })}</Note>;
  const failed = results?.failed;
  if (failed?.kind !== kind) return null;
  if (failed.error.code === "cancelled") return <Note icon="circle-slash">{t("cancelledNote")}</Note>;
  return <ErrorBox error={failed.error} />;
}
