import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { GeneratedToken } from "../../src/contract/token";
import type { Json } from "../../src/contract/json";
import type { TraceEntry } from "../../src/contract/traceView";
import { percent } from "../kit/format";
import { t } from "../kit/l10n";
import { Note } from "../kit/message";
import { TokenPopover } from "../kit/tokenPopover";
import { TokenStrip } from "../kit/tokenStrip";
import { Section, Text, objects, string } from "./details";
import { host } from "./host";

/** A reply: what was thought, what was said, each token of it, and the prompt it was made from. */
export function Thought({ run, entry, openable }: { run: string; entry: TraceEntry; openable: boolean }): VNode {
  const { event, messages = [], tools = [], lacks } = entry;
  const tokens = tokensOf(event.tokens);
  const [open, setOpen] = useState<{ index: number; anchor: DOMRect } | null>(null);
  const token = open && tokens[open.index];
  return (
    <>
      {tokens.length === 0 && string(event.thought) && (
        <Section title={t("thought")}>
          <Text text={string(event.thought)} />
        </Section>
      )}
      {tokens.length === 0 && string(event.text) && (
        <Section title={t("traceSaid")}>
          <Text text={string(event.text)} />
        </Section>
      )}
      {tokens.length > 0 && (
        <Section title={t("tokens")}>
          {openable && lacks === undefined && <p class="muted small">{t("traceClickToken")}</p>}
          <TokenStrip
            tokens={tokens}
            chosen={open?.index ?? -1}
            label={t("tokensLayer")}
            titles={tokens.map(({ text, p }) => t("tokenSpoken", { token: text, p: percent(p) }))}
            tint={tokens.map(({ p }) => 1 - p)}
            onChoose={(index) => {
              const element = document.querySelector(`.details [data-t="${index}"]`);
              if (element) setOpen({ index, anchor: element.getBoundingClientRect() });
            }}
          />
        </Section>
      )}
      {string(event.problem) && (
        <Section title={t("traceProblem")}>
          <Text text={string(event.problem)} />
        </Section>
      )}
      {lacks !== undefined && <Note icon="warning">{t("traceLacks")}</Note>}
      {messages.length > 0 && (
        <details>
          <summary class="small">{t("tracePrompt", { n: messages.length })}</summary>
          {messages.map(({ role, content, toolCalls, name }, i) => (
            <div key={i} class="promptMessage">
              <span class="muted small">{name ? `${role} · ${name}` : role}</span>
              <Text
                text={[content, ...(toolCalls ?? []).map((call) => JSON.stringify(call))].filter(Boolean).join("\n")}
              />
            </div>
          ))}
        </details>
      )}
      {tools.length > 0 && (
        <details>
          <summary class="small">{t("tracePromptTools", { n: tools.length })}</summary>
          {tools.map((tool) => (
            <div key={tool.name} class="promptMessage">
              <span class="small mono">{tool.name}</span>
              <Text text={`${tool.description}\n${JSON.stringify(tool.parameters)}`} />
            </div>
          ))}
        </details>
      )}
      {open && token && (
        <TokenPopover
          host={host}
          token={token}
          index={open.index}
          anchor={open.anchor}
          pinned
          {...(openable &&
            lacks === undefined && {
              make: (instrument) => host.call("place", { run, line: entry.line, token: open.index, instrument }),
            })}
          onClose={() => {
            const from = document.querySelector<HTMLElement>(`.details [data-t="${open.index}"]`);
            setOpen(null);
            from?.focus();
          }}
        />
      )}
    </>
  );
}

/** Tokens as the file keeps them: without their alternatives, which the lens shows. */
function tokensOf(value: Json | undefined): GeneratedToken[] {
  return objects(value).map(({ id, text, p, entropy, part }) => ({
    id: typeof id === "number" ? id : 0,
    text: string(text),
    p: typeof p === "number" ? p : 0,
    entropy: typeof entropy === "number" ? entropy : 0,
    part: part === "thought" || part === "mark" ? part : "answer",
    top: [],
  }));
}
