import "./patching.css";
import type { VNode } from "preact";
import type { PatchResult, PatchscopeResult, TraceResult } from "../../src/contract/acting";
import type { Site } from "../../src/contract/sites";
import type { Token } from "../../src/contract/token";
import type { ProbeText } from "../kit/instrument";
import { Button, Dropdown, Tabs, TextField } from "../kit/controls";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { inputOf, instrumentHost, isEmpty, useInstrument } from "../kit/instrument";
import { t } from "../kit/l10n";
import { Empty, RunState } from "../kit/message";
import { Panel, ProbeBox } from "../kit/probeBox";
import { TokenStrip } from "../kit/tokenStrip";
import { spell } from "../kit/tokenText";
import { Restored } from "./restored";
import { ScopeTable } from "./scopeTable";

const host = instrumentHost();

type Tab = "patch" | "trace" | "scope";
type PatchSite = Extract<Site, "resid_pre" | "attn_out" | "resid_mid" | "mlp_post" | "mlp_out" | "resid_post" | "z">;

const sites: readonly PatchSite[] = ["resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post", "z"];

interface Settings {
  tab: Tab;
  corrupt: string;
  target: string;
  foil: string;
  site: PatchSite;
  subject: string;
  noise: string;
  samples: string;
  window: string;
  position: number;
  into: string;
}

const defaults: Settings = {
  tab: "patch",
  corrupt: "",
  target: "",
  foil: "",
  site: "resid_post",
  subject: "",
  noise: "3",
  samples: "6",
  window: "1",
  position: -1,
  into: "",
};

/** A number field's value, or nothing where it holds none: the engine's own default then. */
function numberOf(text: string): number | undefined {
  const value = Number(text.replace("−", "-"));
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

export function Patching(): VNode {
  const patched = useRun<PatchResult>();
  const traced = useRun<TraceResult>();
  const scoped = useRun<{ result: PatchscopeResult; tokens: Token[]; position: number }>();
  const start = (probe: ProbeText, settings: Settings): void => {
    if (isEmpty(probe)) return;
    const input = inputOf(probe);
    const { tab, target, foil, subject, site } = settings;
    if (tab === "patch" && settings.corrupt.trim() !== "" && target !== "" && foil !== "") {
      patched.start((signal, progress) =>
        host.call(
          "patch",
          {
            clean: input,
            corrupt: inputOf({ kind: probe.kind === "chat" ? "chat" : "prompt", text: settings.corrupt }),
            target,
            foil,
            site,
            ...(site === "z" && { heads: true }),
          },
          { signal, patient: true, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
        ),
      );
    } else if (tab === "trace" && subject !== "" && target !== "") {
      const [noise, samples, window] = [settings.noise, settings.samples, settings.window].map(numberOf);
      traced.start((signal, progress) =>
        host.call(
          "trace",
          {
            input,
            subject,
            target,
            site: site === "z" ? "resid_post" : site,
            ...(noise !== undefined && { noise }),
            ...(samples !== undefined && { samples }),
            ...(window !== undefined && { window }),
          },
          { signal, patient: true, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
        ),
      );
    } else if (tab === "scope") {
      scoped.start(async (signal, progress) => {
        const { tokens } = await host.call("render", { input }, { signal });
        const position =
          settings.position < 0
            ? Math.max(0, tokens.length + settings.position)
            : Math.min(settings.position, tokens.length - 1);
        const into = settings.into.trim() === "" ? {} : { into: { kind: "prompt" as const, text: settings.into } };
        const result = await host.call(
          "patchscope",
          { input, position, ...into },
          { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
        );
        return { result, tokens, position };
      });
    }
  };
  const panel = useInstrument<Settings>(
    host,
    defaults,
    ({ position, target, subject, tokens, text }) => ({
      // A place of another run says where, not against what: its state can be asked for at once.
      ...(tokens !== undefined || text !== undefined ? { tab: "scope" as const } : {}),
      ...(subject !== undefined && { tab: "trace" as const, subject }),
      position: position ?? -1,
      ...(target !== undefined && { target }),
    }),
    start,
  );
  const { state, probe, setProbe, settings, set, again } = panel;
  const { tab } = settings;
  const run = tab === "patch" ? patched : tab === "trace" ? traced : scoped;
  const available = sites.filter((site) => state?.model?.sites.includes(site) ?? true);
  const missing =
    tab === "patch"
      ? settings.corrupt.trim() === "" || settings.target === "" || settings.foil === ""
      : tab === "trace"
        ? settings.subject === "" || settings.target === ""
        : false;
  const siteChoice = (without?: PatchSite): VNode => (
    <Dropdown<PatchSite>
      label={t("site")}
      title={t("siteSays")}
      value={settings.site === without ? "resid_post" : settings.site}
      choices={available
        .filter((site) => site !== without)
        .map((value) => ({ value, label: value === "z" ? t("siteHeads") : value }))}
      onChange={(site) => set({ site })}
    />
  );
  const text = (
    key: "target" | "foil" | "subject" | "noise" | "samples" | "window",
    label: string,
    title: string,
    size: number,
  ): VNode => (
    <TextField
      label={label}
      title={title}
      value={settings[key]}
      size={size}
      onInput={(value) => set({ [key]: value })}
      onEnter={again}
    />
  );
  const spelled = spell(
    patched.result?.tokens.clean ?? traced.result?.tokens.clean ?? scoped.result?.tokens ?? [],
  ).whole;
  const box = (label: string, children?: VNode): VNode => (
    <ProbeBox
      probe={probe}
      onChange={setProbe}
      onRun={again}
      busy={run.status === "busy"}
      ready={Boolean(state?.model) && !missing}
      label={label}
      spelled={spelled}
    >
      {children}
    </ProbeBox>
  );
  const example = (): void => {
    setProbe({ kind: "prompt", text: "France is a country in" });
    set({
      corrupt: "Japan is a country in",
      target: " Europe",
      foil: " Asia",
      subject: "France",
      position: 1,
    });
    again();
  };
  const empty = (says: string): VNode | false =>
    run.status === "idle" &&
    run.result === null && (
      <Empty icon="arrow-swap" title={t("patchEmptyTitle")}>
        <p>{says}</p>
        <Button onClick={example}>{t("tryExample")}</Button>
      </Empty>
    );
  return (
    <Panel
      title={t("patchTitle")}
      help={<Help topic={tab === "patch" ? "patching" : tab === "trace" ? "tracing" : "patchscopes"} />}
      state={state}
    >
      <Tabs<Tab>
        label={t("patchTitle")}
        active={tab}
        onChange={(next) => set({ tab: next })}
        tabs={[
          {
            id: "patch",
            label: t("tabPatch"),
            view: (
              <div class="section grow">
                <div class="columns">
                  <div class="section">
                    <span class="fieldLabel">{t("cleanPrompt")}</span>
                    {box(t("cleanPrompt"))}
                  </div>
                  <div class="section">
                    <span class="fieldLabel">{t("corruptPrompt")}</span>
                    <textarea
                      class="box mono"
                      rows={2}
                      value={settings.corrupt}
                      aria-label={t("corruptPrompt")}
                      placeholder={t("corruptHint")}
                      spellcheck={false}
                      onInput={(event) => set({ corrupt: event.currentTarget.value })}
                    />
                    <div class="row">
                      {text("target", t("target"), t("targetOfPatch"), 10)}
                      {text("foil", t("foil"), t("foilOfPatch"), 10)}
                      {siteChoice()}
                    </div>
                  </div>
                </div>
                {missing && !isEmpty(probe) && <span class="muted small">{t("patchNeeds")}</span>}
                <RunState run={patched} what={t("patchRunning")} />
                {patched.result ? (
                  <Restored host={host} result={patched.result} kind="patch" />
                ) : (
                  empty(t("patchEmptyText"))
                )}
              </div>
            ),
          },
          {
            id: "trace",
            label: t("tabTrace"),
            view: (
              <div class="section grow">
                {box(
                  t("prompt"),
                  <>
                    {text("subject", t("subject"), t("subjectSays"), 14)}
                    {text("target", t("target"), t("targetOfTrace"), 10)}
                    {siteChoice("z")}
                    {text("noise", t("noise"), t("noiseSays"), 4)}
                    {text("samples", t("noiseSamples"), t("noiseSamplesSays"), 4)}
                    {text("window", t("traceWindow"), t("traceWindowSays"), 4)}
                  </>,
                )}
                {missing && !isEmpty(probe) && <span class="muted small">{t("traceNeeds")}</span>}
                <RunState run={traced} what={t("traceRunning")} />
                {traced.result ? (
                  <Restored host={host} result={traced.result} kind="trace" />
                ) : (
                  empty(t("traceEmptyText"))
                )}
              </div>
            ),
          },
          {
            id: "scope",
            label: t("tabScope"),
            view: (
              <div class="section grow">
                {box(
                  t("prompt"),
                  <TextField
                    label={t("scopeInto")}
                    title={t("scopeIntoSays")}
                    placeholder={t("scopeIntoHint")}
                    value={settings.into}
                    size={30}
                    onInput={(into) => set({ into })}
                    onEnter={again}
                  />,
                )}
                <RunState run={scoped} what={t("scopeRunning")} />
                {scoped.result ? (
                  <>
                    <TokenStrip
                      tokens={scoped.result.tokens}
                      chosen={scoped.result.position}
                      label={t("choosePosition")}
                      onChoose={(position) => (set({ position }), again())}
                    />
                    <ScopeTable host={host} result={scoped.result.result} />
                  </>
                ) : (
                  empty(t("scopeEmptyText"))
                )}
              </div>
            ),
          },
        ]}
      />
    </Panel>
  );
}
