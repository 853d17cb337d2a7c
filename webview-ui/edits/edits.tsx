import "./edits.css";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { EditFactResult, EditLocateResult, EditMethod, EditTestResult } from "../../src/contract/acting";
import type { EditFile } from "../../src/contract/actingView";
import type { EditFields } from "./form";
import { Button, Checkbox, Dropdown, TextField } from "../kit/controls";
import { figure } from "../kit/format";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { instrumentHost, useInstrument } from "../kit/instrument";
import { t } from "../kit/l10n";
import { Note, RunState } from "../kit/message";
import { Panel } from "../kit/probeBox";
import { quietly } from "../kit/quietly";
import { factOf, fieldsOf, firstFields, lacking, nameFor } from "./form";
import { FileList } from "./fileList";
import { Located } from "./located";
import { Neighbours } from "./neighbours";
import { Made, Tested } from "./outcome";

const host = instrumentHost();

interface Settings {
  fields: EditFields;
  /** The edit that is looked at; empty for a new one. */
  chosen: string;
}

type Made = EditFactResult & { name: string };

export function Edits(): VNode {
  const [files, setFiles] = useState<EditFile[] | null>(null);
  const locating = useRun<EditLocateResult>();
  const proposing = useRun<null>();
  const making = useRun<Made>();
  const testing = useRun<EditTestResult>();
  const switching = useRun<null>();
  const panel = useInstrument<Settings>(
    host,
    { fields: firstFields, chosen: "" },
    ({ name, text, target }) => ({
      ...(name !== undefined && { chosen: name }),
      ...(text !== undefined && {
        chosen: "",
        fields: { ...firstFields, prompt: text, chat: false, from: target ?? "" },
      }),
    }),
    () => refresh(),
  );
  const { state, settings, set } = panel;
  const { fields, chosen } = settings;
  const write = (change: Partial<EditFields>): void => set({ fields: { ...fields, ...change } });
  const refresh = (): void =>
    quietly(
      host,
      host.call("editFiles", {}).then(({ edits }) => setFiles(edits)),
    );
  const file = files?.find(({ name }) => name === chosen);
  // The list tells what else was switched, here or in the sidebar.
  const names = state?.interventions.join("\n");
  useEffect(() => {
    if (state?.model) refresh();
  }, [state?.model?.fingerprint, names]);
  // Another edit: its fact is what the fields show and the tests ask.
  useEffect(() => {
    locating.reset();
    making.reset();
    testing.reset();
    if (file?.info?.fact) write(fieldsOf(file.info.fact, file.info.method));
  }, [chosen, file?.info?.fact ? chosen : ""]);

  const locate = (): void =>
    locating.start((signal, progress) =>
      host.call(
        "editLocate",
        { ...factOf(fields), to: factOf(fields).to || "-" },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      ),
    );
  const propose = (): void =>
    proposing.start(async (signal, progress) => {
      const found = await host.call(
        "editPropose",
        { ...factOf(fields), to: factOf(fields).to || "-" },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      );
      const typed = fields.paraphrases.split("\n").filter((line) => line.trim() !== "");
      const asked = new Set(fields.neighbours.map(({ prompt }) => prompt));
      write({
        paraphrases: [...typed, ...found.paraphrases.filter((line) => !typed.includes(line))].join("\n"),
        neighbours: [...fields.neighbours, ...found.neighbours.filter(({ prompt }) => !asked.has(prompt))],
      });
      return null;
    });
  const test = (name: string): void =>
    testing.start((signal, progress) =>
      host.call(
        "testEdit",
        { name, facts: [factOf(fields)] },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      ),
    );
  const make = (): void => {
    testing.reset();
    making.start(async (signal, progress) => {
      const made = await host.call(
        "makeEdit",
        {
          ...factOf(fields),
          name: nameFor(fields),
          method: fields.method,
          ...(fields.method === "rank-one" && fields.layer !== "" && { layer: Number(fields.layer) }),
        },
        { signal, onProgress: ({ done, total }) => progress(total > 0 ? done / total : null) },
      );
      refresh();
      test(made.name);
      return made;
    });
  };
  const turn = (name: string, on: boolean): void =>
    switching.start(async (signal) => {
      try {
        await host.call("switchEdit", { name, on }, { signal });
      } finally {
        refresh();
      }
      return null;
    });
  const remove = (name: string): void =>
    quietly(
      host,
      host.call("deleteEdit", { name }).then(({ deleted }) => {
        if (!deleted) return;
        if (name === chosen) set({ chosen: "" });
        refresh();
      }),
    );

  const missing = lacking(fields, "make");
  const cannotLocate = lacking(fields, "locate");
  const busy = [locating, proposing, making, testing, switching].some(({ status }) => status === "busy");
  const madeName = making.result?.name;
  const current = madeName ?? (chosen !== "" ? chosen : undefined);
  const isOn = files?.find(({ name }) => name === current)?.on ?? false;
  const layers = state?.model?.layers ?? 0;
  const field = (key: "subject" | "from" | "to", label: string, hint: string): VNode => (
    <label class="groupField">
      <span class="fieldLabel">{label}</span>
      <input
        class="box"
        value={fields[key]}
        placeholder={hint}
        onInput={(event) => write({ [key]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <Panel title={t("editTitle")} help={<Help topic="edits" />} state={state}>
      {files && files.length > 0 && (
        <section class="section" aria-label={t("editFiles")}>
          <div class="sectionHead">
            <h2>{t("editFiles")}</h2>
            <span class="grow" />
            <Button icon="add" onClick={() => set({ chosen: "", fields: firstFields })}>
              {t("editNew")}
            </Button>
          </div>
          <FileList
            files={files}
            chosen={chosen}
            busy={switching.status === "busy"}
            onChoose={(name) => set({ chosen: name })}
            onSwitch={turn}
            onDelete={remove}
          />
          <RunState run={switching} what={t("editSwitching")} />
        </section>
      )}
      <section class="section" aria-label={t("editTheFact")}>
        <h2>{chosen === "" ? t("editNewTitle") : t("editOf", { name: chosen })}</h2>
        {file?.info && <Changed file={file} />}
        <div class="editForm">
          <div class="section">
            <label class="groupField">
              <span class="fieldLabel">{t("prompt")}</span>
              <textarea
                class="box"
                rows={2}
                value={fields.prompt}
                placeholder={fields.chat ? t("editPromptChatHint") : t("editPromptHint")}
                onInput={(event) => write({ prompt: event.currentTarget.value })}
              />
            </label>
            <Checkbox
              label={t("asChat")}
              title={t("asChatSays")}
              checked={fields.chat}
              onChange={(chat) => write({ chat })}
            />
            <div class="threeFields">
              {field("subject", t("subject"), t("editSubjectHint"))}
              {field("from", t("editFrom"), t("editFromHint"))}
              {field("to", t("editTo"), t("editToHint"))}
            </div>
            <div class="row">
              <Dropdown<EditMethod>
                label={t("editMethod")}
                title={t("editMethodSays")}
                value={fields.method}
                choices={[
                  { value: "rank-one", label: t("methodRankOne") },
                  { value: "neurons", label: t("methodNeurons") },
                ]}
                onChange={(method) => write({ method })}
              />
              {fields.method === "rank-one" && (
                <Dropdown
                  label={t("layer")}
                  value={fields.layer}
                  choices={[
                    { value: "", label: t("editAutoLayer") },
                    ...Array.from({ length: layers }, (_, i) => ({
                      value: String(i),
                      label: t("siteLayer", { layer: i }),
                    })),
                  ]}
                  onChange={(layer) => write({ layer })}
                />
              )}
              <TextField
                label={t("trainName")}
                value={fields.name}
                placeholder={nameFor(fields)}
                size={22}
                onInput={(name) => write({ name })}
              />
            </div>
          </div>
          <div class="section">
            <label class="groupField">
              <span class="fieldLabel">{t("paraphrases")}</span>
              <textarea
                class="box"
                rows={3}
                value={fields.paraphrases}
                placeholder={t("paraphrasesHint")}
                onInput={(event) => write({ paraphrases: event.currentTarget.value })}
              />
            </label>
            <span class="fieldLabel">{t("neighbours")}</span>
            <Neighbours rows={fields.neighbours} onChange={(neighbours) => write({ neighbours })} />
          </div>
        </div>
        <div class="row">
          <Button kind="primary" icon="edit" disabled={missing !== null || busy} onClick={make}>
            {t("editMake")}
          </Button>
          <Button icon="search" disabled={cannotLocate !== null || busy} title={t("editLocateSays")} onClick={locate}>
            {t("editLocate")}
          </Button>
          <Button
            icon="sparkle"
            disabled={cannotLocate !== null || busy}
            title={t("editProposeSays")}
            onClick={propose}
          >
            {t("editPropose")}
          </Button>
          {chosen !== "" && (
            <Button icon="beaker" disabled={missing !== null || busy} onClick={() => test(chosen)}>
              {t("editTest")}
            </Button>
          )}
          {missing !== null && <span class="muted small">{missing}</span>}
        </div>
        <RunState run={proposing} what={t("editProposing")} />
        <RunState run={locating} what={t("editLocating")} />
        {locating.result && (
          <Located host={host} result={locating.result} layer={fields.layer} onLayer={(layer) => write({ layer })} />
        )}
      </section>
      <RunState run={making} what={t("editMaking")} />
      {making.result && <Made result={making.result} />}
      {current !== undefined && (making.result || testing.result) && (
        <div class="row">
          <Button
            kind="primary"
            icon="beaker"
            onClick={() => turn(current, !isOn)}
            disabled={switching.status === "busy"}
          >
            {isOn ? t("editTurnOff") : t("editTurnOn")}
          </Button>
          <span class="muted small" role="status">
            {isOn ? t("editIsOn") : t("editIsOff")}
          </span>
        </div>
      )}
      <RunState run={testing} what={t("editTesting")} />
      {testing.result && <Tested result={testing.result} />}
      <p class="method">{t("editMethodLine")}</p>
    </Panel>
  );
}

/** What the file adds to which tensors. */
function Changed({ file: { info } }: { file: EditFile }): VNode | null {
  if (!info) return null;
  return (
    <>
      {info.warnings.map((warning) => (
        <Note key={warning} icon="warning">
          {warning}
        </Note>
      ))}
      <details>
        <summary>{t("editChanged", { n: info.tensors.length })}</summary>
        <table class="data compact">
          <thead>
            <tr>
              <th>{t("editTensor")}</th>
              <th class="number">{t("editRank")}</th>
              <th class="number" title={t("editNormSays")}>
                {t("editNorm")}
              </th>
            </tr>
          </thead>
          <tbody>
            {info.tensors.map(({ name, rank, norm }) => (
              <tr key={name}>
                <th scope="row" class="mono">
                  {name}
                </th>
                <td class="number">{rank}</td>
                <td class="number">{figure(norm)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {info.neurons && info.neurons.length > 0 && (
          <p class="small mono">{t("editInNeurons", { neurons: info.neurons.join(" ") })}</p>
        )}
      </details>
    </>
  );
}
