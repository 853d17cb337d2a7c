import type { VNode } from "preact";
import type { Token } from "../../src/contract/token";
import { percent } from "../kit/format";
import { t } from "../kit/l10n";
import { PlainBar } from "../kit/signedBar";
import { TokenStrip } from "../kit/tokenStrip";
import { visibleToken } from "../kit/visible";

const briefRows = 12;

/** Where one position looks: its weights, largest first. The prompt above is tinted by them. */
export function WeightTable(props: {
  tokens: readonly Token[];
  pattern: number[][];
  row: number;
  onRow: (row: number) => void;
  brief?: boolean;
}): VNode {
  const { tokens, pattern, row, onRow, brief = false } = props;
  const weights = pattern[row] ?? [];
  const order = weights
    .map((weight, key) => ({ weight, key }))
    .filter(({ key }) => key <= row)
    .sort((a, b) => b.weight - a.weight);
  const shown = brief ? order.slice(0, briefRows) : order;
  return (
    <div class="section weightTable">
      <TokenStrip
        tokens={tokens}
        chosen={row}
        onChoose={onRow}
        label={t("choosePosition")}
        tint={weights.map((weight) => Math.sqrt(weight))}
      />
      <div class="tableBox">
        <table class="data compact">
          <caption>{t("looksAt", { token: visibleToken(tokens[row] ?? { text: "" }), n: row })}</caption>
          <thead>
            <tr>
              <th class="number">{t("positionShort")}</th>
              <th>{t("token")}</th>
              <th class="number">{t("weight")}</th>
              <th class="barColumn" />
            </tr>
          </thead>
          <tbody>
            {shown.map(({ weight, key }) => (
              <tr key={key}>
                <td class="number">{key}</td>
                <td class="mono">{visibleToken(tokens[key] ?? { text: "" })}</td>
                <td class="number">{percent(weight)}</td>
                <td class="barColumn">
                  <PlainBar value={weight} most={1} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < order.length && (
        <span class="muted small">{t("smallerOnes", { n: order.length - shown.length })}</span>
      )}
    </div>
  );
}
