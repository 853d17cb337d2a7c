import type { VNode } from "preact";
import type { Corpus } from "../../src/contract/actingView";
import type { InstrumentHost } from "./instrument";
import { Dropdown } from "./controls";
import { t } from "./l10n";
import { quietly } from "./quietly";

/** Which text an instrument reads: the workspace's, a folder's, or what is pasted. */
export function CorpusChoice(props: {
  host: InstrumentHost;
  corpus: Corpus;
  onChange: (corpus: Corpus) => void;
}): VNode {
  const { host, corpus, onChange } = props;
  const choose = (kind: Corpus["kind"] | "pick"): void => {
    if (kind === "workspace") onChange({ kind });
    else if (kind === "text") onChange({ kind, text: "" });
    else if (kind === "pick") {
      quietly(
        host,
        host.call("pickCorpus", {}).then(({ corpus: chosen }) => chosen && onChange(chosen)),
      );
    }
  };
  return (
    <>
      <Dropdown<Corpus["kind"] | "pick">
        label={t("corpus")}
        title={t("corpusSays")}
        value={corpus.kind}
        choices={[
          { value: "workspace", label: t("corpusWorkspace") },
          ...(corpus.kind === "folder" ? [{ value: "folder" as const, label: corpus.title }] : []),
          { value: "pick", label: t("corpusFolder") },
          { value: "text", label: t("corpusText") },
        ]}
        onChange={choose}
      />
      {corpus.kind === "text" && (
        <textarea
          class="box"
          rows={3}
          value={corpus.text}
          aria-label={t("corpusText")}
          onInput={(event) => onChange({ kind: "text", text: event.currentTarget.value })}
        />
      )}
    </>
  );
}
