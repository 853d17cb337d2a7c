import "./meters.css";
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { GeneratedToken } from "../../src/contract/token";
import { figure, signed } from "../kit/format";
import { Help } from "../kit/help";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { visibleToken } from "../kit/visible";

/** Under an answer: each metered direction's projection, a bar a token. */
export function Meters({ tokens }: { tokens: readonly GeneratedToken[] }): VNode | null {
  const names = useMemo(() => [...new Set(tokens.flatMap(({ meters }) => Object.keys(meters ?? {})))], [tokens]);
  if (names.length === 0) return null;
  return (
    <div class="meters">
      {names.map((name) => (
        <Meter key={name} name={name} tokens={tokens} />
      ))}
    </div>
  );
}

function Meter({ name, tokens }: { name: string; tokens: readonly GeneratedToken[] }): VNode {
  const known = tokens.flatMap((token) => {
    const value = token.meters?.[name];
    return value === undefined || !Number.isFinite(value) ? [] : [{ token, value }];
  });
  const values = known.map(({ value }) => value);
  const most = Math.max(0.1, ...values.map(Math.abs));
  const summary =
    values.length === 0
      ? ""
      : t("meterSummary", {
          mean: signed(values.reduce((sum, value) => sum + value, 0) / values.length),
          low: signed(Math.min(...values)),
          high: signed(Math.max(...values)),
        });
  return (
    <section class="meter" aria-label={t("meterStrip", { name })}>
      <div class="meterHead small">
        <Icon name="pulse" />
        <b>{name}</b>
        <span class="muted grow" title={t("meterUnit")}>
          {summary}
        </span>
        <Help topic="meter" />
      </div>
      <div class="meterStrip" role="img" aria-label={`${t("meterStrip", { name })}: ${summary} ${t("meterUnit")}`}>
        {known.map(({ token, value }, index) => (
          <span
            key={index}
            class={`meterBar ${value >= 0 ? "up" : "down"}`}
            title={t("meterNow", { token: visibleToken(token), value: figure(value) })}
          >
            <i style={{ height: `${Math.max(4, (50 * Math.abs(value)) / most)}%` }} />
          </span>
        ))}
      </div>
    </section>
  );
}
