import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { TunedLensFitResult } from "../../src/contract/instruments";
import type { InstrumentHost } from "../kit/instrument";
import { Button, TextField } from "../kit/controls";
import { count, figure } from "../kit/format";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { RunState } from "../kit/message";
import { tunedName } from "./settings";

/** Fits the tuned lens on the workspace's text (or on pasted text) and shows what it removed, layer by layer. */
export function TunedFit({
  host,
  onClose,
  onFitted,
}: {
  host: InstrumentHost;
  onClose: () => void;
  onFitted: () => void;
}): VNode {
  const run = useRun<TunedLensFitResult>();
  const [text, setText] = useState("");
  const [ridge, setRidge] = useState("0.01");
  const value = Number(ridge.replace(",", "."));
  const valid = ridge.trim() !== "" && Number.isFinite(value) && value >= 0 && value <= 1000;
  const fit = (): void =>
    run.start((signal, progress) =>
      host
        .call(
          "tunedLensFit",
          // No texts: the host takes the workspace's.
          { texts: paragraphs(text), ridge: value, out: tunedName },
          { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
        )
        .then((result) => (onFitted(), result)),
    );
  const most = Math.max(1e-9, ...(run.result?.layers.map(({ plain, tuned }) => Math.max(plain, tuned)) ?? []));
  return (
    <section class="dialog section" aria-label={t("fitTuned")}>
      <div class="sectionHead">
        <h2>{t("fitTuned")}</h2>
        <Help topic="tunedLens" />
        <span class="grow" />
        <IconButton icon="close" label={t("close")} onClick={onClose} />
      </div>
      <p class="muted">{t("fitTunedSays")}</p>
      <textarea
        class="box"
        rows={3}
        value={text}
        aria-label={t("fitText")}
        placeholder={t("fitTextPlaceholder")}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="row">
        <TextField label={t("ridge")} value={ridge} onInput={setRidge} size={6} title={t("ridgeSays")} />
        <Button kind="primary" onClick={fit} disabled={!valid || run.status === "busy"}>
          {t("fit")}
        </Button>
      </div>
      <RunState run={run} what={t("fittingTuned")} />
      {run.result && (
        <>
          <p>{t("fittedOn", { n: count(run.result.tokens) })}</p>
          <table class="data compact">
            <caption class="hidden">{t("fitTableLabel")}</caption>
            <thead>
              <tr>
                <th>{t("layer")}</th>
                <th class="number">{t("lensPlain")}</th>
                <th class="number">{t("lensTuned")}</th>
                <th>{t("klNats")}</th>
              </tr>
            </thead>
            <tbody>
              {run.result.layers.map(({ layer, plain, tuned }) => (
                <tr key={layer}>
                  <th scope="row">{layer < 0 ? t("siteEmbed") : t("siteLayer", { layer })}</th>
                  <td class="number">{figure(plain)}</td>
                  <td class="number">{figure(tuned)}</td>
                  <td class="twoBars" aria-hidden="true">
                    <span class="thin quiet" style={{ width: `${(plain / most) * 100}%` }} />
                    <span class="thin" style={{ width: `${(tuned / most) * 100}%` }} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

/** Pasted text as separate texts: a fifth of them is held out for the figures. */
function paragraphs(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
