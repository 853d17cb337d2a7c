import { useEffect, useRef, useState } from "preact/hooks";
import type {
  InstrumentViewEvents,
  InstrumentViewMethods,
  InstrumentViewState,
} from "../../src/contract/instrumentView";
import type { Input } from "../../src/contract/verbs";
import type { InstrumentRequest } from "../../src/contract/view";
import { useEvent } from "./hooks";
import { getHost } from "./host";
import { t } from "./l10n";

export type InstrumentHost = ReturnType<typeof instrumentHost>;

/** An instrument panel's side of its boundary. */
export function instrumentHost() {
  return getHost<InstrumentViewMethods, InstrumentViewEvents>();
}

/** What a person (or the place a panel was opened from) wants looked at. */
export interface ProbeText {
  kind: "prompt" | "chat" | "tokens";
  text: string;
  /** For `tokens`: exactly what the model had read. */
  ids?: number[];
  /** Where the tokens come from, for people. */
  title?: string;
}

export const emptyProbe: ProbeText = { kind: "prompt", text: "" };

export function isEmpty(probe: ProbeText): boolean {
  return probe.kind === "tokens" ? (probe.ids?.length ?? 0) === 0 : probe.text === "";
}

export function inputOf(probe: ProbeText): Input {
  if (probe.kind === "tokens") return { kind: "tokens", ids: probe.ids ?? [] };
  if (probe.kind === "chat") return { kind: "chat", messages: [{ role: "user", content: probe.text }] };
  return { kind: "prompt", text: probe.text };
}

function probeOf(request: InstrumentRequest): ProbeText | null {
  const { tokens, text, title } = request;
  if (tokens !== undefined) return { kind: "tokens", text: "", ids: tokens, title: title ?? t("fromElsewhere") };
  return text === undefined ? null : { kind: "prompt", text };
}

/** Milliseconds without a change of interventions before what is shown is run again. */
const settled = 300;

interface Kept<S> {
  /** Read by the host when the editor opens the panel again. */
  request: InstrumentRequest | null;
  probe: ProbeText;
  settings: S;
}

/**
 * A panel's state: the model, what is looked at, and settings, kept across reloads. A new request of the host takes the
 * place of what was there; `run` is called when there is a model to run on: after a request, a reload, or `again`, and
 * when interventions have changed under numbers that are shown.
 */
export function useInstrument<S extends object>(
  host: InstrumentHost,
  defaults: S,
  apply: (request: InstrumentRequest) => Partial<S>,
  run: (probe: ProbeText, settings: S) => void,
): {
  state: InstrumentViewState | undefined;
  probe: ProbeText;
  setProbe: (probe: ProbeText) => void;
  settings: S;
  set: (change: Partial<S>) => void;
  /** Runs with what is set now, at the next turn. */
  again: () => void;
} {
  const kept = useRef(keptOf<S>(host)).current;
  const state = useEvent(host, "state");
  const [probe, setProbe] = useState(kept?.probe ?? emptyProbe);
  const [settings, setSettings] = useState<S>({ ...defaults, ...kept?.settings });
  const [due, setDue] = useState(kept !== null);
  const request = useRef<InstrumentRequest | null>(kept?.request ?? null);
  const model = useRef<string | null>(null);
  const altered = useRef<string | null>(null);
  /** Something has been run here: an empty panel stays empty. */
  const shown = useRef(false);
  /** A request was taken in this very pass: what is run must be what it asks for, which the next pass holds. */
  const fresh = useRef(false);

  useEffect(() => {
    const asked = state?.request;
    if (asked && JSON.stringify(asked) !== JSON.stringify(request.current)) {
      request.current = asked;
      fresh.current = true;
      const next = probeOf(asked);
      if (next) setProbe(next);
      setSettings((before) => ({ ...before, ...apply(asked) }));
      setDue(true);
    }
    const fingerprint = state?.model?.fingerprint ?? null;
    if (fingerprint !== null) {
      // Numbers of another model are not left standing.
      if (model.current !== null && model.current !== fingerprint) setDue(true);
      model.current = fingerprint;
    }
  }, [state]);
  useEffect(() => {
    if (!state) return;
    const now = JSON.stringify([state.interventions, state.alteration]);
    const before = altered.current;
    altered.current = now;
    if (before === null || before === now || !shown.current) return;
    // A slider that is drawn along its range is one change.
    const waiting = setTimeout(() => setDue(true), settled);
    return () => clearTimeout(waiting);
  }, [state?.interventions.join("\n"), state?.alteration]);
  useEffect(() => {
    const whole: Kept<S> = { request: request.current, probe, settings };
    host.setState(whole);
  }, [probe, settings, state?.request]);
  useEffect(() => {
    if (fresh.current) {
      fresh.current = false;
      return;
    }
    if (!due || !state?.model) return;
    setDue(false);
    shown.current = true;
    run(probe, settings);
  }, [due, state, probe, settings]);
  return {
    state,
    probe,
    setProbe,
    settings,
    set: (change) => setSettings((before) => ({ ...before, ...change })),
    again: () => setDue(true),
  };
}

function keptOf<S>(host: InstrumentHost): Kept<S> | null {
  const stored = host.getState();
  return typeof stored === "object" && stored !== null && "probe" in stored ? (stored as Kept<S>) : null;
}
