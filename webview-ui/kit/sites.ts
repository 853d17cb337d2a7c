import type { SiteAt } from "../../src/contract/sites";
import { t } from "./l10n";

/** A row's short name: layers count from 0, as in the field and in neuron ids; `mid` is between attention and MLP. */
export function siteName(at: SiteAt | undefined): string {
  if (!at) return "";
  const layer = at.layer === undefined ? "" : String(at.layer);
  switch (at.site) {
    case "embed":
      return t("siteEmbed");
    case "resid_post":
      return t("siteLayer", { layer });
    case "resid_mid":
      return t("siteMid", { layer });
    case "logits":
    case "final_norm":
      return t("siteOutput");
    default:
      return at.layer === undefined ? at.site : `${at.site} ${layer}`;
  }
}
