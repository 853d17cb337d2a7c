import type { VNode } from "preact";
import type { DirectionFile, DirectionsViewState } from "../../src/contract/directionsView";
import type { Word } from "../kit/l10n";
import { Button } from "../kit/controls";
import { figure } from "../kit/format";
import { Icon, IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { Empty } from "../kit/message";
import { quietly } from "../kit/quietly";
import { host } from "./host";

const conventions: Record<NonNullable<DirectionFile["info"]>["convention"], Word> = {
  vitrine: "conventionOwn",
  repeng: "conventionRepeng",
  cvector: "conventionCvector",
  unknown: "conventionUnknown",
};

/** The control vectors of the workspace, whoever made them. */
export function Files(props: { state: DirectionsViewState; onProve: (file: string) => void }): VNode {
  const { state, onProve } = props;
  return (
    <div class="section grow">
      <div class="row">
        <Button icon="add" disabled={state.folder === null} onClick={() => quietly(host, host.call("importFiles", {}))}>
          {t("importFiles")}
        </Button>
        <span class="muted small">{state.folder ?? t("needsFolder")}</span>
      </div>
      {state.files.length === 0 ? (
        <Empty icon="compass" title={t("noFiles")}>
          <p>{t("noFilesSays")}</p>
        </Empty>
      ) : (
        <ul class="files">
          {state.files.map((file) => (
            <One key={file.file} file={file} onProve={onProve} />
          ))}
        </ul>
      )}
    </div>
  );
}

function One({
  file: { file, info, problem, on, meter },
  onProve,
}: {
  file: DirectionFile;
  onProve: (file: string) => void;
}): VNode {
  const name = file.replace(/\.gguf$/i, "");
  const strength = info?.strength;
  return (
    <li class="file">
      <div class="row">
        <b>{name}</b>
        {on !== undefined && (
          <span class="badge">
            <Icon name="beaker" /> {t(on ? "actsNow" : "inTheList")}
          </span>
        )}
        <span class="grow" />
        <Button icon="beaker" disabled={!info} onClick={() => onProve(file)}>
          {t("proveIt")}
        </Button>
        <Button
          icon="add"
          disabled={!info}
          onClick={() => quietly(host, host.call("intervene", { file, mode: "add" }))}
        >
          {t("addToList")}
        </Button>
        <Button
          icon="remove"
          disabled={!info}
          onClick={() => quietly(host, host.call("intervene", { file, mode: info?.removal ?? "zero" }))}
        >
          {t("takeAwayToList")}
        </Button>
        <IconButton
          icon="pulse"
          label={t(meter ? "meterOff" : "meterOn")}
          pressed={meter}
          disabled={!info}
          onClick={() => quietly(host, host.call("meter", { file, on: !meter }))}
        />
        <IconButton
          icon="go-to-file"
          label={t("showFile")}
          onClick={() => quietly(host, host.call("showFile", { file }))}
        />
        <IconButton
          icon="trash"
          label={t("deleteFile", { file: name })}
          onClick={() => quietly(host, host.call("removeFile", { file }))}
        />
      </div>
      {info && (
        <p class="muted small">
          {t("fileFacts", {
            layers: info.layers.join(", "),
            width: info.width,
            convention: t(conventions[info.convention]),
          })}
          {info.layer !== undefined && ` · ${t("fileChosen", { layer: info.layer })}`}
          {strength !== undefined && ` · ${t("fileStrength", { value: figure(strength) })}`}
        </p>
      )}
      {info?.warnings.map((each) => (
        <p key={each} class="fileWarning small">
          <Icon name="warning" /> {each}
        </p>
      ))}
      {problem && (
        <p class="fileWarning small" role="alert">
          <Icon name="error" /> {problem.message}
        </p>
      )}
    </li>
  );
}
