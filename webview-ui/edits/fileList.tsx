import type { VNode } from "preact";
import type { EditFile } from "../../src/contract/actingView";
import { Checkbox } from "../kit/controls";
import { figure } from "../kit/format";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";

/** The workspace's edits: switch, open, delete. One that cannot be used says why. */
export function FileList(props: {
  files: readonly EditFile[];
  chosen: string;
  busy: boolean;
  onChoose: (name: string) => void;
  onSwitch: (name: string, on: boolean) => void;
  onDelete: (name: string) => void;
}): VNode {
  const { files, chosen, busy, onChoose, onSwitch, onDelete } = props;
  return (
    <div class="tableBox">
      <table class="data editFiles">
        <caption class="hidden">{t("editFiles")}</caption>
        <thead>
          <tr>
            <th>{t("editOn")}</th>
            <th>{t("editFact")}</th>
            <th>{t("editMethod")}</th>
            <th class="number" title={t("editNormSays")}>
              {t("editNorm")}
            </th>
            <th>
              <span class="hidden">{t("delete")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ name, on, info, error }) => {
            const fact = info?.fact;
            const doubt = error?.message ?? info?.warnings[0];
            return (
              <tr key={name} class={name === chosen ? "selected" : ""}>
                <td>
                  <Checkbox
                    label={t("editSwitch", { name })}
                    checked={on}
                    disabled={busy || error !== undefined}
                    onChange={(next) => onSwitch(name, next)}
                  />
                </td>
                <th scope="row" class="wrapCell">
                  <button type="button" class="linkButton plain" onClick={() => onChoose(name)}>
                    {fact ? `${fact.subject}: ${fact.from} → ${fact.to}` : name}
                  </button>
                  {doubt && <div class="small errorWord">{doubt}</div>}
                </th>
                <td>
                  {[
                    info?.method === "neurons"
                      ? t("methodNeurons")
                      : info?.method === "rank-one"
                        ? t("methodRankOne")
                        : "",
                    info?.layer === undefined ? "" : t("siteLayer", { layer: info.layer }),
                  ]
                    .filter((part) => part !== "")
                    .join(" · ")}
                </td>
                <td class="number">{info ? figure(Math.hypot(...info.tensors.map(({ norm }) => norm))) : ""}</td>
                <td>
                  <IconButton icon="trash" label={t("editDelete", { name })} onClick={() => onDelete(name)} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
