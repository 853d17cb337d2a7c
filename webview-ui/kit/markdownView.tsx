import "./markdown.css";
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { CommonViewMethods } from "../../src/contract/view";
import type { Host } from "./host";
import type { TokenMarks } from "./tokenText";
import { renderBlocks } from "./markdown";
import { quietly } from "./quietly";

type ViewHost = Host<CommonViewMethods, object>;

/** Sanitised Markdown. Only blocks whose text changed are written again, so a running answer does not jump. */
export function Markdown(props: { host: ViewHost; source: string; marks?: TokenMarks | null; shade?: boolean }): VNode {
  const { host, source, marks = null, shade = false } = props;
  const blocks = useMemo(() => renderBlocks(source, marks), [source, marks]);
  const follow = (event: Event): void => {
    const target = event.target as Element;
    const href = target.closest("[data-href]")?.getAttribute("data-href");
    if (href) {
      event.preventDefault();
      quietly(host, host.call("openExternal", { url: href }));
    }
    const copy = target.closest("[data-copy]");
    const code = copy?.closest(".code")?.querySelector("code")?.textContent;
    if (copy && code !== undefined && code !== null) {
      quietly(host, host.call("copy", { text: code }));
      const icon = copy.querySelector(".codicon");
      icon?.classList.replace("codicon-copy", "codicon-check");
      setTimeout(() => icon?.classList.replace("codicon-check", "codicon-copy"), 1200);
    }
  };
  return (
    <div
      class={`markdown${shade ? " shaded" : ""}`}
      onClick={follow}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.target as Element).matches("[data-href]")) follow(event);
      }}
    >
      {blocks.map((html, i) => (
        <div key={i} class="block" dangerouslySetInnerHTML={{ __html: html }} />
      ))}
    </div>
  );
}
