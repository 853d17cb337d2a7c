import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ChatState } from "../../src/contract/chatView";
import type { Branch } from "./path";
import { Icon } from "../kit/icon";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { visibleToken } from "../kit/visible";
import { host } from "./host";
import { branches, pathTo } from "./path";

interface Line {
  branch: Branch;
  depth: number;
}

/** The tree as lines: a chain stays at its depth, each fork goes one deeper. */
function linesOf(roots: Branch[], depth = 0): Line[] {
  return roots.flatMap((branch) => {
    const inner = roots.length > 1 ? depth + 1 : depth;
    return [{ branch, depth: inner }, ...linesOf(branch.children, inner)];
  });
}

/** All branches of the conversation, small: what is shown now stands out, and a click or Enter shows another. */
export function Branches({ state }: { state: ChatState }): VNode {
  const { nodes, leaf } = state.conversation;
  const lines = linesOf(branches(nodes));
  const onPath = new Set(pathTo(nodes, leaf).map(({ id }) => id));
  const [active, setActive] = useState(
    Math.max(
      0,
      lines.findIndex(({ branch }) => branch.node.id === leaf),
    ),
  );
  const list = useRef<HTMLUListElement>(null);
  const choose = (index: number): void => {
    const line = lines[index];
    if (line) quietly(host, host.call("select", { node: line.branch.node.id }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: lines.length - 1 };
    const next = to[event.key];
    if (next !== undefined) {
      const index = Math.max(0, Math.min(lines.length - 1, next));
      setActive(index);
      list.current?.querySelectorAll<HTMLElement>("[role=treeitem]")[index]?.focus();
    } else if (event.key === "Enter" || event.key === " ") choose(active);
    else return;
    event.preventDefault();
  };
  return (
    <section class="branches" aria-label={t("branches")}>
      <ul role="tree" aria-label={t("branches")} ref={list} onKeyDown={onKeyDown}>
        {lines.map(({ branch: { node }, depth }, index) => (
          <li
            key={node.id}
            role="treeitem"
            aria-level={depth + 1}
            aria-selected={onPath.has(node.id)}
            tabIndex={index === active ? 0 : -1}
            class={`branch ${node.role}${onPath.has(node.id) ? " onPath" : ""}${node.id === leaf ? " leaf" : ""}`}
            style={{ paddingLeft: `${8 + depth * 14}px` }}
            title={t("showBranch")}
            onClick={() => {
              setActive(index);
              choose(index);
            }}
          >
            <Icon name={node.branch ? "git-branch" : node.role === "user" ? "account" : "sparkle"} />
            <span class="branchText">
              {node.branch && (
                <span class="mono muted">{visibleToken(node.tokens?.[node.branch.token] ?? { text: "" })} → </span>
              )}
              {node.text.replace(/\s+/g, " ").slice(0, 90) || t("emptyAnswer")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
