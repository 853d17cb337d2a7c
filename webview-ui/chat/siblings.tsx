import type { VNode } from "preact";
import type { ConversationNode } from "../../src/contract/conversation";
import { IconButton } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";

/** `‹ 2/3 ›`: walks the alternatives of one turn. */
export function Siblings({ node, all }: { node: string; all: ConversationNode[] }): VNode | null {
  const at = all.findIndex((other) => other.id === node);
  if (all.length < 2 || at < 0) return null;
  const go = (to: number): void => {
    const other = all[to];
    if (other) quietly(host, host.call("select", { node: other.id }));
  };
  return (
    <span class="siblings" role="group" aria-label={t("siblings")}>
      <IconButton icon="chevron-left" label={t("previousSibling")} disabled={at === 0} onClick={() => go(at - 1)} />
      <span class="small" aria-live="polite">{`${at + 1}/${all.length}`}</span>
      <IconButton
        icon="chevron-right"
        label={t("nextSibling")}
        disabled={at === all.length - 1}
        onClick={() => go(at + 1)}
      />
    </span>
  );
}
