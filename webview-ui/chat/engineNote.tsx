import type { VNode } from "preact";
import type { EngineState } from "../../src/contract/chatView";
import { Button } from "../kit/controls";
import { t } from "../kit/l10n";
import { ErrorBox, Progress } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";

/** What the engine is doing when that is not simply 'ready': loading with its progress, or failed with a way on. */
export function EngineNote({ engine }: { engine: EngineState }): VNode | null {
  if (engine.kind === "loading") {
    const file = engine.file.split(/[\\/]/).at(-1) ?? engine.file;
    return (
      <div class="engineNote">
        <Progress fraction={engine.fraction} label={t("loadingModel", { file })} />
        <span class="small muted">{t("loadingModel", { file })}</span>
      </div>
    );
  }
  if (engine.kind === "starting") {
    return (
      <div class="engineNote">
        <Progress fraction={null} label={t("startingEngine")} />
        <span class="small muted">{t("startingEngine")}</span>
      </div>
    );
  }
  if (engine.kind === "failed") {
    return (
      <div class="engineNote">
        <ErrorBox error={engine.error}>
          <Button kind="primary" icon="debug-restart" onClick={() => quietly(host, host.call("restartEngine", {}))}>
            {t("restartEngine")}
          </Button>
          <Button onClick={() => quietly(host, host.call("chooseModel", {}))}>{t("chooseModel")}</Button>
        </ErrorBox>
      </div>
    );
  }
  return null;
}
