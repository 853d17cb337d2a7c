import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ErrorData } from "../../src/contract/errors";
import type { Json } from "../../src/contract/json";
import type { TraceEntry, TraceRow } from "../../src/contract/traceView";
import { duration, figure } from "../kit/format";
import { asErrorData } from "../kit/host";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { locale } from "../kit/locale";
import { ErrorBox, Note } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";
import { kindOf } from "./kinds";
import { Thought } from "./thought";
import { usageWords } from "./timeline";

export type Fields = { [key: string]: Json };

/** The whole of one event. What is not known here is shown as it was written, and whatever is shown is text. */
export function Details({ run, row, openable }: { run: string; row: TraceRow; openable: boolean }): VNode {
  const [entry, setEntry] = useState<TraceEntry | null>(null);
  const [error, setError] = useState<ErrorData | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    setError(null);
    host.call("entry", { run, line: row.line }, { signal: abort.signal }).then(setEntry, (thrown: unknown) => {
      const data = asErrorData(thrown);
      if (data.code !== "cancelled") setError(data);
    });
    return () => abort.abort();
  }, [run, row.line]);
  const { icon, name } = kindOf(row);
  const shown = entry?.line === row.line ? entry : null;
  return (
    <section class="details" aria-label={name} aria-busy={shown === null && error === null}>
      <header class="row detailsHead">
        <Icon name={icon} />
        <h2>{row.name && row.type !== "note" ? `${name}: ${row.name}` : name}</h2>
        <span class="muted small">
          {[at(row.at), row.ms === undefined ? "" : duration(row.ms)].filter(Boolean).join(" · ")}
        </span>
        <span class="grow" />
        <IconButton
          icon="go-to-file"
          label={t("traceOpenFile")}
          onClick={() => quietly(host, host.call("openFile", { run, line: row.line }))}
        />
      </header>
      {row.usage && <p class="muted small">{t("traceUsage", usageWords(row.usage))}</p>}
      {error && <ErrorBox error={error} />}
      {shown && <Body run={run} entry={shown} openable={openable} />}
      {shown && <Raw event={shown.event} />}
    </section>
  );
}

function at(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString(locale);
}

/** The line as it was written, for whoever wants to see everything; long lists of tokens are left to the file. */
function Raw({ event }: { event: Fields }): VNode {
  const [open, setOpen] = useState(false);
  return (
    <details class="raw" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary class="small muted">{t("traceEvery")}</summary>
      {open && <Text text={JSON.stringify(event, (key, value: unknown) => (key === "tokens" ? "…" : value), 2)} />}
    </details>
  );
}

function Body({ run, entry, openable }: { run: string; entry: TraceEntry; openable: boolean }): VNode | null {
  const { event } = entry;
  switch (event.type) {
    case "goal":
      return <Goal event={event} />;
    case "think":
      return <Thought run={run} entry={entry} openable={openable} />;
    case "read":
      return (
        <List
          items={objects(event.memories).map(({ text, why, source }) => [
            string(text),
            [string(why), string(source)].filter(Boolean).join(" · "),
          ])}
        />
      );
    case "tools":
      return <Offered event={event} />;
    case "plan":
      return (
        <List
          items={objects(event.steps).map(({ step, expect }) => [
            string(step),
            expect ? t("runExpect", { text: string(expect) }) : "",
          ])}
        />
      );
    case "call":
      return (
        <>
          <Section title={t("traceArguments")}>
            <Text text={JSON.stringify(event.arguments ?? {}, null, 2)} />
          </Section>
          <p class="muted small">
            {strings(event.effects).length > 0
              ? t("traceEffects", { effects: strings(event.effects).join(", ") })
              : t("traceNoEffects")}
          </p>
        </>
      );
    case "approval":
      return <Approval event={event} />;
    case "result":
      return <Result event={event} />;
    case "simulate":
    case "surprise":
      return <Expectation event={event} />;
    case "error":
      return (
        <Text
          text={[string(object(event.error).message), string(object(event.error).remedy)].filter(Boolean).join("\n")}
        />
      );
    default:
      return <Plain event={event} />;
  }
}

function Goal({ event }: { event: Fields }): VNode {
  const params = object(event.params);
  return (
    <>
      <Text text={string(event.goal)} />
      <p class="muted small">
        {[t("traceMode", { mode: string(event.mode) }), string(event.brain)].filter(Boolean).join(" · ")}
      </p>
      {objects(params.attachments).map(({ label, text }, i) => (
        <details key={i}>
          <summary class="small">{t("traceAttached", { label: string(label) })}</summary>
          <Text text={string(text)} />
        </details>
      ))}
    </>
  );
}

function Offered({ event }: { event: Fields }): VNode {
  const names = strings(event.names);
  const because = object(event.because);
  return (
    <>
      <p class="small">
        {t("traceOffered", {
          n: names.length,
          of: Number(event.of) || names.length,
          ms: duration(Number(event.ms) || 0),
        })}
      </p>
      <List items={names.map((name) => [name, Object.hasOwn(because, name) ? string(because[name]) : ""])} />
    </>
  );
}

function Approval({ event }: { event: Fields }): VNode {
  const request = object(event.request);
  const target = object(request.target);
  const exact = [target.path, target.command, target.url, target.file, target.shown, target.text]
    .map(string)
    .find(Boolean);
  return (
    <>
      <p>{string(request.summary)}</p>
      {string(request.mustAsk) && <p class="muted small">{string(request.mustAsk)}</p>}
      {exact && <Text text={exact} />}
      {string(request.diff) && <Diff text={string(request.diff)} />}
      <p class="small">
        {event.verdict === undefined
          ? t("traceWaits")
          : t("traceDecided", { verdict: string(event.verdict), by: string(event.by) || "?" })}
        {string(event.reason) && ` — ${string(event.reason)}`}
      </p>
    </>
  );
}

function Result({ event }: { event: Fields }): VNode {
  const leftOut = Number(event.leftOut) || 0;
  const written = strings(event.written);
  return (
    <>
      <Text text={string(event.text)} />
      {leftOut > 0 && <p class="muted small">{t("traceLeftOut", { n: leftOut })}</p>}
      {string(event.diff) && <Diff text={string(event.diff)} />}
      {string(event.taint) && <Note icon="shield">{t("traceTaint", { taint: string(event.taint) })}</Note>}
      {written.length > 0 && (
        <Section title={t("traceWritten")}>
          <List items={written.map((file) => [file, ""])} />
        </Section>
      )}
    </>
  );
}

function Expectation({ event }: { event: Fields }): VNode {
  const { action, expected, expect, observed, nats, value } = event;
  return (
    <>
      {string(action) && <Text text={string(action)} />}
      <dl class="pairs">
        <dt>{t("traceExpected")}</dt>
        <dd>{string(expected) || string(expect)}</dd>
        {string(observed) && (
          <>
            <dt>{t("traceObserved")}</dt>
            <dd>{string(observed)}</dd>
          </>
        )}
      </dl>
      {typeof nats === "number" && <p class="small">{t("traceNats", { value: figure(nats) })}</p>}
      {typeof value === "number" && <p class="small">{figure(value)}</p>}
    </>
  );
}

/** An event that says what it is in a text, and one of a kind that is not known: each of its fields. */
function Plain({ event }: { event: Fields }): VNode {
  const known = new Set(["at", "run", "type", "step", "spent"]);
  const { text, kept } = event;
  const rest = Object.entries(event).filter(([key]) => !known.has(key) && key !== "text" && key !== "kept");
  return (
    <>
      {string(text) && <Text text={string(text)} />}
      {typeof kept === "boolean" && <p class="small">{t(kept ? "traceKept" : "traceNotKept")}</p>}
      {rest.length > 0 && (
        <dl class="pairs">
          {rest.map(([key, value]) => (
            <>
              <dt>{key}</dt>
              <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
            </>
          ))}
        </dl>
      )}
    </>
  );
}

export function Section({ title, children }: { title: string; children: ComponentChildren }): VNode {
  return (
    <div class="detailsPart">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** Longest text that is drawn at once; the whole is in the file. */
const longest = 200_000;

export function Text({ text }: { text: string }): VNode {
  return <pre class="detailsText">{text.slice(0, longest)}</pre>;
}

function Diff({ text }: { text: string }): VNode {
  return (
    <pre class="detailsText">
      {text.split("\n").map((line, i) => (
        <span key={i} class={line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""}>
          {line + "\n"}
        </span>
      ))}
    </pre>
  );
}

function List({ items }: { items: [text: string, why: string][] }): VNode {
  return (
    <ol class="detailsList">
      {items.map(([text, why], i) => (
        <li key={i}>
          {text} {why && <span class="muted small">{why}</span>}
        </li>
      ))}
    </ol>
  );
}

export function object(value: Json | undefined): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

export function objects(value: Json | undefined): Fields[] {
  return Array.isArray(value) ? value.map(object) : [];
}

export function string(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}
