import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../kit/l10n";

export interface Item {
  label: string;
  run: () => void;
}

/** A menu at a place: arrows move, Enter chooses, Escape and a click elsewhere close. */
export function Menu(props: { x: number; y: number; items: Item[]; onClose: () => void }): VNode {
  const { x, y, items, onClose } = props;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("button")?.focus();
    const away = (event: MouseEvent): void => {
      if (!list.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("mousedown", away);
    return () => document.removeEventListener("mousedown", away);
  }, []);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      return onClose();
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...list.current!.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div
      class="planMenu"
      role="menu"
      aria-label={t("planMenu")}
      ref={list}
      onKeyDown={onKey}
      style={{
        left: `${Math.min(x, innerWidth - 220)}px`,
        top: `${Math.min(y, innerHeight - items.length * 26 - 16)}px`,
      }}
    >
      {items.map(({ label, run }) => (
        <button key={label} type="button" role="menuitem" tabIndex={-1} onClick={() => (onClose(), run())}>
          {label}
        </button>
      ))}
    </div>
  );
}
