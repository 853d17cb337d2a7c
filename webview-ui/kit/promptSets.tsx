import type { VNode } from "preact";
import type { PromptSet } from "../../src/contract/acting";
import type { Input } from "../../src/contract/verbs";
import { useEffect, useState } from "preact/hooks";
import type { InstrumentHost } from "./instrument";
import { Checkbox, Dropdown } from "./controls";
import { t } from "./l10n";
import { quietly } from "./quietly";

/** Two groups of prompts, one prompt a line, and how the behaviour that tells them apart is recognised. */
export interface Groups {
  positive: string;
  negative: string;
  chat: boolean;
  startsWith: string;
  contains: string;
}

export const noGroups: Groups = { positive: "", negative: "", chat: true, startsWith: "", contains: "" };

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

export function inputsOf(text: string, chat: boolean): Input[] {
  return lines(text).map((line) =>
    chat ? { kind: "chat", messages: [{ role: "user", content: line }] } : { kind: "prompt", text: line },
  );
}

export function behaviourOf({
  startsWith,
  contains,
}: Groups): { startsWith?: string[]; contains?: string[] } | undefined {
  const starts = lines(startsWith);
  const parts = lines(contains);
  if (starts.length === 0 && parts.length === 0) return undefined;
  return { ...(starts.length > 0 && { startsWith: starts }), ...(parts.length > 0 && { contains: parts }) };
}

export function countOf(text: string): number {
  return lines(text).length;
}

function textOf(inputs: readonly Input[]): string {
  return inputs
    .map((input) => {
      if (input.kind === "prompt") return input.text;
      return input.kind === "chat" ? (input.messages.findLast(({ role }) => role === "user")?.content ?? "") : "";
    })
    .map((text) => text.replace(/\s+/g, " ").trim())
    .filter((text) => text !== "")
    .join("\n");
}

/** The two groups to write or paste, or a set that ships with the model. */
export function PromptGroups(props: {
  host: InstrumentHost;
  groups: Groups;
  onChange: (groups: Groups) => void;
}): VNode {
  const { host, groups, onChange } = props;
  const [sets, setSets] = useState<PromptSet[]>([]);
  const [chosen, setChosen] = useState("");
  useEffect(
    () =>
      quietly(
        host,
        host.call("promptSets", {}).then((result) => setSets(result.sets)),
      ),
    [host],
  );
  const take = (id: string): void => {
    setChosen(id);
    const set = sets.find((each) => each.id === id);
    if (!set) return;
    onChange({
      positive: textOf(set.positive),
      negative: textOf(set.negative),
      chat: set.positive.some(({ kind }) => kind === "chat"),
      startsWith: (set.behaviour?.startsWith ?? []).join("\n"),
      contains: (set.behaviour?.contains ?? []).join("\n"),
    });
  };
  const field = (
    key: "positive" | "negative" | "startsWith" | "contains",
    label: string,
    rows: number,
    hint: string,
  ): VNode => (
    <label class="groupField">
      <span class="fieldLabel">
        {label}
        {rows > 2 && <span class="small"> · {t("promptsCount", { n: countOf(groups[key]) })}</span>}
      </span>
      <textarea
        class="box mono"
        rows={rows}
        value={groups[key]}
        placeholder={hint}
        spellcheck={false}
        onInput={(event) => onChange({ ...groups, [key]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="section">
      <div class="row">
        {sets.length > 0 && (
          <Dropdown
            label={t("promptSet")}
            value={chosen}
            choices={[
              { value: "", label: t("chooseSet") },
              ...sets.map(({ id, title }) => ({ value: id, label: title })),
            ]}
            onChange={take}
          />
        )}
        <Checkbox
          label={t("asChat")}
          title={t("asChatSays")}
          checked={groups.chat}
          onChange={(chat) => onChange({ ...groups, chat })}
        />
      </div>
      <div class="columns">
        {field("positive", t("positivePrompts"), 5, t("positiveHint"))}
        {field("negative", t("negativePrompts"), 5, t("negativeHint"))}
        {field("startsWith", t("behaviourStarts"), 2, t("behaviourHint"))}
        {field("contains", t("behaviourContains"), 2, t("behaviourHint"))}
      </div>
    </div>
  );
}
