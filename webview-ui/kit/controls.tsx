// The one file that knows the control set. A view asks for a Button; what draws it is decided here.
import "./nonce";
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import type { ComponentChildren, VNode } from "preact";
import { h } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeProgressRing(),
  vsCodeTextField(),
);

/** Custom elements have no JSX types; their attributes are checked by the wrappers below. */
function element(tag: string, props: Record<string, unknown>, ...children: ComponentChildren[]): VNode {
  return h(tag, props, ...children);
}

export function Button(props: {
  children: ComponentChildren;
  onClick: () => void;
  kind?: "primary" | "secondary";
  icon?: string;
  disabled?: boolean;
  title?: string;
}): VNode {
  const { children, onClick, kind = "secondary", icon, disabled = false, title } = props;
  return element(
    "vscode-button",
    { appearance: kind, disabled, title, onClick },
    icon && h("span", { slot: "start", class: `codicon codicon-${icon}`, "aria-hidden": "true" }),
    children,
  );
}

export function Checkbox(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  title?: string;
}): VNode {
  const { label, checked, onChange, disabled = false, title } = props;
  const ref = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (ref.current && ref.current.checked !== checked) ref.current.checked = checked;
  }, [checked]);
  return element(
    "vscode-checkbox",
    {
      ref,
      disabled,
      title,
      onChange: (event: Event) => {
        const now = (event.target as HTMLInputElement).checked;
        // The element reports what we set as well as what a person did.
        if (now !== checked) onChange(now);
      },
    },
    label,
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
}

export function Dropdown<T extends string>(props: {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
  /** Shows the label before the control; otherwise it is only spoken. */
  showLabel?: boolean;
  disabled?: boolean;
  title?: string;
}): VNode {
  const { label, value, choices, onChange, showLabel = true, disabled = false, title } = props;
  const ref = useRef<HTMLElement & { value: string }>(null);
  const wanted = useRef(value);
  wanted.current = value;
  const list = choices.map((choice) => choice.value).join("\n");
  // The element takes a value only once its options are there, a turn after they were written.
  const settle = (): number =>
    requestAnimationFrame(() => {
      if (ref.current && ref.current.value !== wanted.current) ref.current.value = wanted.current;
    });
  useEffect(() => {
    const turn = settle();
    return () => cancelAnimationFrame(turn);
  }, [value, list]);
  return (
    <span class="field" title={title}>
      {showLabel && <span class="fieldLabel">{label}</span>}
      {element(
        "vscode-dropdown",
        {
          ref,
          "aria-label": label,
          disabled,
          onChange: (event: Event) => {
            const chosen = choices.find((choice) => choice.value === (event.target as HTMLInputElement).value);
            if (chosen && chosen.value !== value) onChange(chosen.value);
            // A choice that only sets something off leaves the shown value as it was.
            settle();
          },
        },
        choices.map((choice) =>
          element(
            "vscode-option",
            { key: choice.value, value: choice.value, selected: choice.value === value },
            choice.label,
          ),
        ),
      )}
    </span>
  );
}

export function TextField(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  onEnter?: () => void;
  placeholder?: string;
  showLabel?: boolean;
  disabled?: boolean;
  size?: number;
  title?: string;
}): VNode {
  const { label, value, onInput, onEnter, placeholder, showLabel = true, disabled = false, size, title } = props;
  const ref = useRef<HTMLElement>(null);
  // The element writes a label of its own as it is connected; ours comes after.
  useLayoutEffect(() => ref.current?.setAttribute("aria-label", label), [label]);
  return (
    <span class="field" title={title}>
      {showLabel && <span class="fieldLabel">{label}</span>}
      {element("vscode-text-field", {
        ref,
        value,
        placeholder,
        disabled,
        size,
        onInput: (event: Event) => onInput((event.target as HTMLInputElement).value),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key === "Enter" && !event.isComposing) onEnter?.();
        },
      })}
    </span>
  );
}

export function Ring(): VNode {
  return element("vscode-progress-ring", { class: "ring", "aria-hidden": "true" });
}

export function Tabs<T extends string>(props: {
  label: string;
  tabs: readonly { id: T; label: string; view: ComponentChildren }[];
  active: T;
  onChange: (id: T) => void;
}): VNode {
  const { label, tabs, active, onChange } = props;
  return element(
    "vscode-panels",
    {
      activeid: `tab-${active}`,
      "aria-label": label,
      onChange: (event: CustomEvent<HTMLElement>) => {
        const id = event.detail?.id;
        const chosen = tabs.find((tab) => `tab-${tab.id}` === id);
        if (chosen && chosen.id !== active) onChange(chosen.id);
      },
    },
    tabs.map((tab) => element("vscode-panel-tab", { key: tab.id, id: `tab-${tab.id}` }, tab.label)),
    tabs.map((tab) =>
      element(
        "vscode-panel-view",
        { key: `view-${tab.id}`, id: `view-${tab.id}` },
        tab.id === active ? tab.view : null,
      ),
    ),
  );
}
