import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { FeatureFolder } from "../../src/contract/actingView";
import type { InstrumentHost } from "../kit/instrument";
import { Chips } from "../kit/chips";
import { TextField } from "../kit/controls";
import { figure, percent } from "../kit/format";
import { useSize } from "../kit/hooks";
import { t } from "../kit/l10n";
import { Empty, ErrorBox } from "../kit/message";
import { VirtualList } from "../kit/virtualList";
import { OneFeature } from "./oneFeature";
import { usePages } from "./pages";

/** The features of a folder, thousands of them, and one of them in full. */
export function Browse(props: {
  host: InstrumentHost;
  folder: FeatureFolder;
  search: string;
  onSearch: (search: string) => void;
  feature: number;
  onFeature: (feature: number) => void;
}): VNode {
  const { host, folder, search, onSearch, feature, onFeature } = props;
  const pages = usePages(host, folder.name, search);
  const [measure, room] = useSize<HTMLDivElement>();
  const [index, setIndex] = useState(-1);
  // The list's order is by density: where the chosen one stands is known once its row has been seen.
  const chosen = index >= 0 && pages.at(index)?.feature === feature ? index : -1;
  useEffect(() => {
    if (index < 0) return;
    const row = pages.at(index);
    if (row && row.feature !== feature) setIndex(-1);
  }, [feature]);
  const narrow = room.width > 0 && room.width < 700;
  return (
    <div class={`browse${narrow ? " narrow" : ""}`} ref={measure}>
      <div class="section">
        <TextField
          label={t("featSearch")}
          showLabel={false}
          placeholder={t("featSearch")}
          value={search}
          size={34}
          onInput={onSearch}
        />
        <span class="muted small" role="status">
          {pages.ready ? t("featCount", { n: pages.total }) : t("featReading")}
        </span>
        {pages.error && <ErrorBox error={pages.error} />}
        <VirtualList
          label={t("featList")}
          count={pages.total}
          rowHeight={30}
          height={narrow ? 220 : Math.max(260, innerHeight - 300)}
          chosen={chosen}
          onChoose={(at) => {
            setIndex(at);
            const row = pages.at(at);
            if (row) onFeature(row.feature);
          }}
          onView={pages.want}
          rowLabel={(at) => {
            const row = pages.at(at);
            if (!row) return t("featReading");
            return t("featSpoken", {
              n: String(row.feature),
              label: row.label || t("featNoLabel"),
              density: percent(row.density),
            });
          }}
          row={(at) => {
            const row = pages.at(at);
            if (!row) return <span class="muted featureRow">…</span>;
            return (
              <span class="featureRow">
                <span class="mono featureNumber">{row.feature}</span>
                <span class="featureLabel">
                  {row.label || (
                    <Chips tokens={row.promotes} kind="up" most={3} title={(i) => figure(row.promotes[i]!.logit)} />
                  )}
                </span>
                <span class="number muted small" title={t("density")}>
                  {percent(row.density)}
                </span>
              </span>
            );
          }}
        />
      </div>
      {feature < 0 ? (
        <Empty icon="group-by-ref-type" title={t("featChoose")}>
          <p>{t("featChooseSays")}</p>
        </Empty>
      ) : (
        <OneFeature
          key={`${folder.name}/${feature}`}
          host={host}
          folder={folder.name}
          feature={feature}
          onFeature={onFeature}
          onChanged={pages.refresh}
        />
      )}
    </div>
  );
}
