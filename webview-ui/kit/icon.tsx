import "@vscode/codicons/dist/codicon.css";
import type { VNode } from "preact";

/** One of the editor's own icons; never the only label of anything. */
export function Icon({ name, spin = false }: { name: string; spin?: boolean }): VNode {
  return <span class={`codicon codicon-${name}${spin ? " spin" : ""}`} aria-hidden="true" />;
}

/** A small button that is an icon with a spoken and hovered name. */
export function IconButton(props: {
  icon: string;
  label: string;
  onClick: (event: MouseEvent) => void;
  pressed?: boolean;
  expanded?: boolean;
  disabled?: boolean;
  text?: string;
  popup?: "menu" | "dialog" | "listbox";
}): VNode {
  const { icon, label, onClick, pressed, expanded, disabled = false, text, popup } = props;
  return (
    <button
      type="button"
      class={`iconButton${pressed ? " pressed" : ""}${text ? " withText" : ""}`}
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-haspopup={popup}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {text && <span>{text}</span>}
    </button>
  );
}
