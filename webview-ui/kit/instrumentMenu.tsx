import "./instrumentMenu.css";
import type { VNode } from "preact";
import type { CommonViewMethods, InstrumentRequest } from "../../src/contract/view";
import type { Word } from "./l10n";
import type { Host } from "./host";
import { Icon } from "./icon";
import { t } from "./l10n";
import { quietly } from "./quietly";

type Instrument = InstrumentRequest["instrument"];

export const instruments: readonly { id: Instrument; icon: string; name: Word; says: Word }[] = [
  { id: "lens", icon: "layers", name: "instrumentLens", says: "instrumentLensSays" },
  { id: "layers", icon: "list-tree", name: "instrumentLayers", says: "instrumentLayersSays" },
  { id: "attribution", icon: "pie-chart", name: "instrumentAttribution", says: "instrumentAttributionSays" },
  { id: "neurons", icon: "circuit-board", name: "instrumentNeurons", says: "instrumentNeuronsSays" },
  { id: "attention", icon: "eye", name: "instrumentAttention", says: "instrumentAttentionSays" },
  { id: "embedding", icon: "symbol-numeric", name: "instrumentEmbedding", says: "instrumentEmbeddingSays" },
  { id: "patching", icon: "arrow-swap", name: "instrumentPatching", says: "instrumentPatchingSays" },
  { id: "features", icon: "group-by-ref-type", name: "instrumentFeatures", says: "instrumentFeaturesSays" },
];

/** Every instrument at one place of a run, each a click. `make` gives the place; it may have to ask the host for it. */
export function InstrumentMenu(props: {
  host: Host<CommonViewMethods, object>;
  make: (instrument: Instrument) => Promise<InstrumentRequest> | InstrumentRequest;
  without?: Instrument;
}): VNode {
  const { host, make, without } = props;
  const open = async (instrument: Instrument): Promise<void> => {
    await host.call("openInstrument", await make(instrument));
  };
  return (
    <div class="instruments" role="group" aria-label={t("instrumentsHere")}>
      {instruments
        .filter(({ id }) => id !== without)
        .map(({ id, icon, name, says }) => (
          <button key={id} type="button" class="instrument" title={t(says)} onClick={() => quietly(host, open(id))}>
            <Icon name={icon} />
            <span>{t(name)}</span>
          </button>
        ))}
    </div>
  );
}
