import "./run.css";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { CallView, RunView, StepView } from "../../src/contract/agentView";
import type { ApprovalRequest, ApprovalVerdict } from "../../src/contract/tool";
import type { Word } from "../kit/l10n";
import { Button, TextField } from "../kit/controls";
import { duration } from "../kit/format";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";

/** A goal's run: its plan, its steps folded to a line each, and what a person is asked now. The answer stands apart. */
export function Run({ run, node, free }: { run: RunView; node: string; free: boolean }): VNode {
  const over = run.state !== "running";
  const canUndo = over && run.written.length > 0 && !run.undone;
  const canResume = run.state === "stopped" || run.state === "failed";
  return (
    <div class="run">
      {run.plan && <Plan plan={run.plan} />}
      <ol class="steps" aria-label={t("runSteps")}>
        {run.steps.flatMap((step) => linesOf(step))}
      </ol>
      {run.asking && <Ask request={run.asking.request} />}
      {(run.state === "stopped" || run.state === "failed") && (
        <p class="small runEnd">
          <Icon name={run.state === "failed" ? "error" : "debug-stop"} /> {run.text}
        </p>
      )}
      {over && (
        <div class="row runActions">
          <Button icon="history" onClick={() => quietly(host, host.call("openTrace", { node }))}>
            {t("traceOpenFrom")}
          </Button>
          {canUndo && (
            <Button icon="discard" disabled={!free} onClick={() => quietly(host, host.call("undoRun", { node }))}>
              {t("runUndo", { n: run.written.length })}
            </Button>
          )}
          {run.undone && <span class="small muted">{t("runUndone")}</span>}
          {canResume && (
            <Button
              icon="debug-continue"
              disabled={!free}
              onClick={() => quietly(host, host.call("resumeRun", { node }))}
            >
              {t("runResume")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Plan({ plan }: { plan: NonNullable<RunView["plan"]> }): VNode {
  return (
    <details class="plan" open={!plan.accepted}>
      <summary class="small">{t("runPlan", { n: plan.steps.length })}</summary>
      <ol>
        {plan.steps.map(({ step, expect }, i) => (
          <li key={i}>
            {step} <span class="muted small">{t("runExpect", { text: expect })}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

function linesOf(step: StepView): VNode[] {
  const { calls, notes, thought, said } = step;
  return [
    ...(thought
      ? [<Line key={`${step.step}t`} icon="lightbulb" title={t("thought")} brief={thought} body={thought} />]
      : []),
    ...(said && calls.length > 0
      ? [<Line key={`${step.step}s`} icon="comment" title={t("runSaid")} brief={said} body={said} />]
      : []),
    ...calls.map((call) => <Call key={call.call} call={call} />),
    ...notes.map(({ kind, text }, i) => (
      <Line key={`${step.step}n${i}`} icon="info" title={t(noteWords[kind])} brief={text} body={text} />
    )),
  ];
}

const noteWords: Record<StepView["notes"][number]["kind"], Word> = {
  loop: "noteLoop",
  fold: "noteFold",
  summary: "noteSummary",
  steer: "noteSteer",
  retry: "noteRetry",
  resumed: "noteResumed",
  undone: "noteUndone",
  budget: "noteBudget",
  memory: "noteMemory",
};

const stateIcons: Record<CallView["state"], string> = {
  running: "loading codicon-modifier-spin",
  asking: "question",
  done: "check",
  failed: "warning",
  denied: "circle-slash",
};
const stateWords: Record<CallView["state"], Word> = {
  running: "callRunning",
  asking: "callAsking",
  done: "callDone",
  failed: "callFailed",
  denied: "callDenied",
};

function Call({ call }: { call: CallView }): VNode {
  const args = Object.entries(call.arguments)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
  const parts = [
    JSON.stringify(call.arguments, null, 2),
    ...(call.diff ? [call.diff] : []),
    ...(call.text ? [call.text] : []),
    ...(call.leftOut > 0 ? [t("leftOut", { n: call.leftOut })] : []),
  ];
  const time = call.ms === undefined ? "" : duration(call.ms);
  return (
    <Line
      icon={stateIcons[call.state]}
      state={call.state}
      title={call.name}
      spoken={t(stateWords[call.state])}
      brief={args}
      trailing={time}
      body={parts.join("\n\n")}
      diff={call.diff}
    />
  );
}

/** One line that opens to its whole text. Everything is text: nothing that a tool or a model gave becomes markup. */
function Line(props: {
  icon: string;
  title: string;
  brief: string;
  body: string;
  spoken?: string;
  state?: CallView["state"];
  trailing?: string;
  diff?: string | undefined;
}): VNode {
  const { icon, title, brief, body, spoken, state, trailing, diff } = props;
  const [open, setOpen] = useState(false);
  return (
    <li class={`stepLine${state ? ` ${state}` : ""}`}>
      <button type="button" class="stepHead" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={icon} />
        <span class="stepTitle">{title}</span>
        <span class="stepBrief muted">{brief.replace(/\s+/g, " ").slice(0, 200)}</span>
        {spoken && <span class="hidden">{spoken}</span>}
        {trailing && <span class="muted small">{trailing}</span>}
      </button>
      {open && (diff ? <Diff text={body} /> : <pre class="stepBody">{body}</pre>)}
    </li>
  );
}

function Diff({ text }: { text: string }): VNode {
  return (
    <pre class="stepBody">
      {text.split("\n").map((line, i) => (
        <span key={i} class={line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""}>
          {line + "\n"}
        </span>
      ))}
    </pre>
  );
}

/** What the run waits for: exactly what would be done, and the answers a person can give. */
function Ask({ request }: { request: ApprovalRequest }): VNode {
  const [reason, setReason] = useState("");
  const { target, summary, diff, mustAsk } = request;
  const answer = (verdict: ApprovalVerdict): void =>
    quietly(host, host.call("approve", { request: request.id, verdict, reason }));
  return (
    <section class="ask" role="group" aria-label={t("askTitle")}>
      <p>
        <Icon name="question" /> {summary}
      </p>
      {mustAsk && <p class="small muted">{mustAsk}</p>}
      <code class="askTarget">{targetText(target)}</code>
      {diff && <Diff text={diff} />}
      <div class="row askButtons">
        <Button kind="primary" onClick={() => answer("once")}>
          {t("allowOnce")}
        </Button>
        {!mustAsk && <Button onClick={() => answer("run")}>{t("allowRun")}</Button>}
        {!mustAsk && <Button onClick={() => answer("always")}>{t("allowAlways")}</Button>}
        <Button onClick={() => answer("deny")}>{t("deny")}</Button>
      </div>
      <TextField
        label={t("denyReason")}
        showLabel={false}
        placeholder={t("denyReason")}
        value={reason}
        onInput={setReason}
      />
    </section>
  );
}

function targetText(target: ApprovalRequest["target"]): string {
  switch (target.kind) {
    case "path":
      return target.path;
    case "command":
      return `${target.folder}> ${target.command}`;
    case "url":
      return target.url;
    case "code":
      return `${target.file} (sha256 ${target.hash.slice(0, 12)})`;
    case "server":
      return `${target.name}: ${target.shown}`;
    case "text":
      return target.text;
  }
}
