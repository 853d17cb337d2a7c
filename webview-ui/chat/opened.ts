import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** A token that is open to view. `pinned`: a person chose it, and it stays until it is closed. */
export interface Opened {
  message: string;
  index: number;
  anchor: DOMRect;
  pinned: boolean;
  /** Takes the focus back when the popover closes. */
  from: HTMLElement | null;
}

const openAfter = 180;
const closeAfter = 220;

/** Which token is open: after a moment of hovering, at once on focus or click. */
export function useOpened(): {
  opened: Opened | null;
  hover(message: string, index: number, element: HTMLElement): void;
  leave(): void;
  stay(): void;
  focus(message: string, index: number, element: HTMLElement): void;
  pin(message: string, index: number, element: HTMLElement): void;
  close(): void;
} {
  const [opened, setOpened] = useState<Opened | null>(null);
  const timer = useRef(0);
  /** Focus that comes back from a closed popover does not open it again. */
  const returning = useRef(false);
  const after = (milliseconds: number, act: () => void): void => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(act, milliseconds);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  const show = useCallback((message: string, index: number, element: HTMLElement, pinned: boolean) => {
    clearTimeout(timer.current);
    setOpened({ message, index, anchor: element.getBoundingClientRect(), pinned, from: element });
  }, []);
  const close = useCallback(() => {
    clearTimeout(timer.current);
    setOpened((before) => {
      if (before?.pinned && before.from?.isConnected) {
        returning.current = true;
        before.from.focus();
        returning.current = false;
      }
      return null;
    });
  }, []);
  return {
    opened,
    hover: (message, index, element) => {
      if (opened?.pinned) return;
      if (opened?.message === message && opened.index === index) return clearTimeout(timer.current);
      after(opened ? 60 : openAfter, () => show(message, index, element, false));
    },
    leave: () => {
      if (!opened?.pinned) after(closeAfter, () => setOpened(null));
    },
    stay: () => clearTimeout(timer.current),
    focus: (message, index, element) => {
      if (!returning.current) show(message, index, element, false);
    },
    pin: (message, index, element) => show(message, index, element, true),
    close,
  };
}
