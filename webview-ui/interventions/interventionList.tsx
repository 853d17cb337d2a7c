import "./interventions.css";
import type { VNode } from "preact";
import { Button } from "../kit/controls";
import { useEvent } from "../kit/hooks";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { Entry } from "./entry";
import { host } from "./host";

/** What alters the model: each with a check box, a slider, and where it acts. */
export function InterventionList(): VNode {
  const state = useEvent(host, "state");
  const entries = state?.entries ?? [];
  const on = entries.filter((entry) => entry.on).length;
  return (
    <main class="interventions" aria-label={t("interventionsTitle")} data-vscode-context={preventDefault}>
      {entries.length === 0 ? (
        <div class="nothing">
          <p>{t("interventionsNone")}</p>
          <Button kind="primary" icon="compass" onClick={() => quietly(host, host.call("openDirections", {}))}>
            {t("findDirection")}
          </Button>
          <Button icon="add" onClick={() => quietly(host, host.call("addFile", {}))}>
            {t("addDirectionFiles")}
          </Button>
          <Button icon="circle-slash" onClick={() => quietly(host, host.call("silenceNeuron", {}))}>
            {t("silenceNeuron")}
          </Button>
        </div>
      ) : (
        <>
          <p class={`alteredLine${on > 0 ? " on" : ""}`} role="status">
            <Icon name="beaker" />
            <span class="grow">
              {on > 0 ? t("interventionsOnOf", { on, n: entries.length }) : t("interventionsAllOff")}
            </span>
            {on > 0 && <Button onClick={() => quietly(host, host.call("allOff", {}))}>{t("allOff")}</Button>}
          </p>
          <ul class="entries">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} model={state?.model ?? null} />
            ))}
          </ul>
        </>
      )}
    </main>
  );
}

const preventDefault = JSON.stringify({ preventDefaultContextMenuItems: true });
