import "./embeddings.css";
import type { VNode } from "preact";
import type { EmbeddingMapResult, EmbeddingResult } from "../../src/contract/instruments";
import type { Token } from "../../src/contract/token";
import type { InstrumentRequest } from "../../src/contract/view";
import { Button, Checkbox, Dropdown, Tabs, TextField } from "../kit/controls";
import { ExportTable } from "../kit/exportTable";
import { figure } from "../kit/format";
import { Help } from "../kit/help";
import { useRun } from "../kit/hooks";
import { instrumentHost, useInstrument } from "../kit/instrument";
import { InstrumentMenu } from "../kit/instrumentMenu";
import { t } from "../kit/l10n";
import { Empty, Note, RunState } from "../kit/message";
import { Panel } from "../kit/probeBox";
import { embeddingTable, mapTable } from "../kit/resultTables";
import { SignedBar } from "../kit/signedBar";
import { visibleToken } from "../kit/visible";
import { PointMap } from "./pointMap";

const host = instrumentHost();

interface Settings {
  tab: "near" | "map";
  query: string;
  /** The whole box is one token, blanks and signs included. */
  exact: boolean;
  count: number;
  texts: string;
  table: "input" | "output";
}

const exampleSet = "France\nGermany\nItaly\nSpain\nParis\nBerlin\nRome\nMadrid\nred\ngreen\nblue\none\ntwo\nthree";

export function Embeddings(): VNode {
  const near = useRun<EmbeddingResult>();
  const map = useRun<EmbeddingMapResult>();
  const panel = useInstrument<Settings>(
    host,
    { tab: "near", query: "", exact: false, count: 20, texts: "", table: "input" },
    ({ target, text }) => {
      const query = target ?? text;
      return query === undefined ? {} : { tab: "near", query, exact: true };
    },
    // There is no prompt here: what is asked comes from the settings.
    (_, settings) => {
      if (settings.query !== "") look(settings);
    },
  );
  const { state, settings, set, again } = panel;
  const { query, exact } = settings;
  const look = ({ query, exact, count }: Settings): void => {
    // A token as it is, or a sum of tokens: exactly one of the two is asked.
    const sum = !exact && /[+−-]\s/.test(query.trim());
    const asked = sum ? { expression: query.replaceAll("−", "-") } : { token: exact ? query : query.trim() };
    near.start((signal) => host.call("embedding", { ...asked, count }, { signal }));
  };
  const texts = settings.texts.split("\n").filter((line) => line.trim() !== "");
  const draw = (): void =>
    map.start((signal) => host.call("embeddingMap", { texts, table: settings.table }, { signal }));
  return (
    <Panel
      title={t("embeddingsTitle")}
      help={<Help topic={settings.tab === "map" ? "embeddingMap" : "embeddings"} />}
      state={state}
    >
      <Tabs<"near" | "map">
        label={t("embeddingsTitle")}
        active={settings.tab}
        onChange={(tab) => set({ tab })}
        tabs={[
          {
            id: "near",
            label: t("tabNear"),
            view: (
              <div class="section grow">
                <div class="row">
                  <TextField
                    label={t("tokenOrSum")}
                    value={query}
                    placeholder="king - man + woman"
                    size={34}
                    onInput={(next) => set({ query: next })}
                    onEnter={again}
                  />
                  <Button
                    kind="primary"
                    icon="search"
                    disabled={query === "" || near.status === "busy"}
                    onClick={again}
                  >
                    {t("findNear")}
                  </Button>
                  <Checkbox
                    label={t("exactToken")}
                    title={t("exactTokenSays")}
                    checked={exact}
                    onChange={(next) => set({ exact: next })}
                  />
                </div>
                <RunState run={near} what={t("searchingNear")} />
                {near.result ? (
                  <>
                    <Near
                      result={near.result}
                      from={state?.request ?? null}
                      onToken={(text) => {
                        set({ query: text, exact: true });
                        again();
                      }}
                    />
                    <ExportTable
                      host={host}
                      name="neighbours"
                      table={() => embeddingTable(near.result as EmbeddingResult)}
                    />
                  </>
                ) : (
                  near.status === "idle" && (
                    <Empty icon="symbol-numeric" title={t("embeddingsEmptyTitle")}>
                      <p>{t("embeddingsEmptyText")}</p>
                    </Empty>
                  )
                )}
              </div>
            ),
          },
          {
            id: "map",
            label: t("tabMap"),
            view: (
              <div class="section grow">
                <div class="mapForm">
                  <textarea
                    class="box mono"
                    rows={5}
                    value={settings.texts}
                    aria-label={t("mapTexts")}
                    placeholder={t("mapTextsHint")}
                    spellcheck={false}
                    onInput={(event) => set({ texts: event.currentTarget.value })}
                  />
                  <div class="section">
                    <Dropdown<"input" | "output">
                      label={t("embeddingTable")}
                      value={settings.table}
                      choices={[
                        { value: "input", label: t("tableInput") },
                        { value: "output", label: t("tableOutput") },
                      ]}
                      onChange={(table) => set({ table })}
                    />
                    <div class="row">
                      <Button kind="primary" disabled={texts.length < 3 || map.status === "busy"} onClick={draw}>
                        {t("drawMap")}
                      </Button>
                      <Button onClick={() => set({ texts: exampleSet })}>{t("tryExample")}</Button>
                    </div>
                    {texts.length < 3 && <span class="muted small">{t("mapNeeds")}</span>}
                  </div>
                </div>
                <RunState run={map} what={t("drawingMap")} />
                {map.result && (
                  <>
                    <PointMap result={map.result} />
                    <ExportTable
                      host={host}
                      name="embeddings"
                      table={() => mapTable(map.result as EmbeddingMapResult)}
                    />
                  </>
                )}
              </div>
            ),
          },
        ]}
      />
    </Panel>
  );
}

type Side = EmbeddingResult["input"];

function Near(props: {
  result: EmbeddingResult;
  /** What the panel was opened on. */
  from: InstrumentRequest | null;
  onToken: (text: string) => void;
}): VNode {
  const { result, from, onToken } = props;
  return (
    <div class="section">
      <p class="muted">
        {t("tokensAre")}{" "}
        {result.tokens.map((token, i) => (
          <span key={i}>
            <span class="chip mono">{visibleToken(token)}</span> <span class="small">id {token.id}</span>{" "}
          </span>
        ))}
      </p>
      <Place tokens={result.tokens} from={from} />
      {result.tied && <Note>{t("tiedTables")}</Note>}
      <div class="columns">
        <SideTable title={t("tableInput")} side={result.input} onToken={onToken} />
        {!result.tied && <SideTable title={t("tableOutput")} side={result.output} onToken={onToken} />}
      </div>
      <p class="method">{t("embeddingMethod")}</p>
    </div>
  );
}

/**
 * Every other instrument at the token: where the panel was opened from a run, at its place there; else at the token as a
 * prompt of its own.
 */
function Place({ tokens, from }: { tokens: Token[]; from: InstrumentRequest | null }): VNode | null {
  const token = tokens.at(-1);
  if (!token) return null;
  const there = from?.tokens !== undefined && from.target === token.text && tokens.length === 1 ? from : null;
  return (
    <div class="section">
      <span class="muted small">{there ? t("instrumentsThere") : t("instrumentsOfToken")}</span>
      <InstrumentMenu
        host={host}
        without="embedding"
        make={(instrument) =>
          there
            ? { ...there, instrument }
            : {
                instrument,
                tokens: tokens.map(({ id }) => id),
                position: tokens.length - 1,
                title: t("placeTitle", { token: visibleToken(token) }).slice(0, 200),
              }
        }
      />
    </div>
  );
}

function SideTable({ title, side, onToken }: { title: string; side: Side; onToken: (text: string) => void }): VNode {
  return (
    <div class="tableBox">
      <table class="data compact">
        <caption class="sideCaption">{title}</caption>
        <thead>
          <tr>
            <th>{t("token")}</th>
            <th class="number">{t("cosine")}</th>
            <th class="barColumn" />
          </tr>
        </thead>
        <tbody>
          {side.map(({ text, id, cosine }) => (
            <tr key={id}>
              <td>
                <button type="button" class="linkButton" title={t("takeToken")} onClick={() => onToken(text)}>
                  {visibleToken({ text })}
                </button>
              </td>
              <td class="number">{figure(cosine)}</td>
              <td class="barColumn">
                <SignedBar value={cosine} most={1} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
