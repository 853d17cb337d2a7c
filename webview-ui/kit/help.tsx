import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CommonViewMethods } from "../../src/contract/view";
import { getHost } from "./host";
import { IconButton } from "./icon";
import { helpFor } from "./help/texts";
import type { HelpTopic } from "./help/texts";
import { t } from "./l10n";
import { quietly } from "./quietly";

const host = getHost<CommonViewMethods, object>();

/** A `?` that says what is shown, what it means and what it does not, with the paper. */
export function Help({ topic }: { topic: HelpTopic }): VNode {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const [side, setSide] = useState<"left" | "right">("right");
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !box.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, [open]);
  const { name, shows, means, not, papers } = helpFor(topic);
  return (
    <span class="help" ref={box}>
      <IconButton
        icon="question"
        label={t("helpAbout", { name })}
        expanded={open}
        onClick={() => {
          const at = box.current!.getBoundingClientRect();
          setSide(at.left > innerWidth / 2 ? "right" : "left");
          setOpen(!open);
        }}
      />
      {open && (
        <div class={`helpBox ${side}`} role="dialog" aria-label={t("helpAbout", { name })}>
          <h3>{name}</h3>
          <p>{shows}</p>
          <p>{means}</p>
          <p>{not}</p>
          {papers.map(({ title, url }) => (
            <p key={url} class="small">
              <a
                role="link"
                tabIndex={0}
                title={url}
                onClick={() => quietly(host, host.call("openExternal", { url }))}
                onKeyDown={(event) => {
                  if (event.key === "Enter") quietly(host, host.call("openExternal", { url }));
                }}
              >
                {title}
              </a>
            </p>
          ))}
        </div>
      )}
    </span>
  );
}
