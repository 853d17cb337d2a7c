import type { VNode } from "preact";
import type { PatchscopeResult } from "../../src/contract/acting";
import type { InstrumentHost } from "../kit/instrument";
import { Button } from "../kit/controls";
import { percent } from "../kit/format";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { csv, quoted, saveText } from "../kit/save";
import { PlainBar } from "../kit/signedBar";
import { visible, visibleToken } from "../kit/visible";

/** What the model says a state is, layer by layer, beside what it says with nothing patched. */
export function ScopeTable({ host, result }: { host: InstrumentHost; result: PatchscopeResult }): VNode {
  const rows = [...result.rows].reverse();
  const save = (): void =>
    quietly(
      host,
      saveText(
        host,
        "patchscopes.csv",
        csv([
          ["layer", "says", "first_token", "first_token_p"],
          ...result.rows.map(({ layer, text, tokens, p }) => [layer, quoted(text), quoted(tokens[0]?.text ?? ""), p]),
        ]),
      ),
    );
  return (
    <div class="section">
      <div class="row">
        <p class="small grow">
          {t("scopeOf", { token: visibleToken(result.source), plain: visible(result.plain) || "∅" })}
        </p>
        <Button onClick={save}>{`${t("export")} CSV`}</Button>
      </div>
      <div class="tableBox" tabIndex={0} role="region" aria-label={t("scopeTable")}>
        <table class="data">
          <caption class="hidden">{t("scopeTable")}</caption>
          <thead>
            <tr>
              <th>{t("layer")}</th>
              <th>{t("scopeSays")}</th>
              <th>{t("scopeFirst")}</th>
              <th class="number">{t("probability")}</th>
              <th class="barColumn narrow" aria-hidden="true" />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ layer, text, tokens, p }) => (
              <tr key={layer} class={text === result.plain ? "muted" : ""}>
                <th scope="row">{t("siteLayer", { layer })}</th>
                <td class="mono wrapCell">{visible(text) || "∅"}</td>
                <td class="mono">{visibleToken(tokens[0] ?? { text: "" })}</td>
                <td class="number">{percent(p)}</td>
                <td class="barColumn narrow">
                  <PlainBar value={p} most={1} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="method">{t("scopeMethod")}</p>
    </div>
  );
}
