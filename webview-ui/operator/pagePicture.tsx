import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { OperatorState, OperatorStep } from "../../src/contract/operator";
import { t } from "../kit/l10n";
import { quietly } from "../kit/quietly";
import { host } from "./host";
import { keyOf } from "./keys";

/** What is typed in this time goes to the page at once: each sending looks at the page anew. */
const gatheredMs = 250;

/**
 * The page after a step. While a person has the browser, the latest picture takes clicks and typing: a click is sent in
 * pixels of the page's view, however large the picture is drawn.
 */
export function PagePicture(props: {
  step: OperatorStep;
  state: OperatorState;
  live: boolean;
  act: (work: Promise<unknown>) => void;
}): VNode {
  const { step, state, live, act } = props;
  const picture = usePicture(step);
  const typed = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const hands = live && state.open && state.hold === "person";
  useEffect(() => () => clearTimeout(timer.current), []);
  if (picture === null) return <p class="muted noPicture">{t("operatorNoPicture")}</p>;
  const image = (
    <img
      class="pagePicture"
      src={`data:image/jpeg;base64,${picture}`}
      width={state.width}
      height={state.height}
      alt={hands ? "" : t("operatorPageOf", { n: step.n, action: step.action })}
      draggable={false}
    />
  );
  if (!hands) return image;
  const send = (): void => {
    clearTimeout(timer.current);
    const text = typed.current;
    typed.current = "";
    if (text !== "") act(host.call("typeText", { text }));
  };
  const click = (event: MouseEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    // A click made by a key has no place in the picture.
    if (event.detail === 0 || box.width === 0) return;
    send();
    const x = ((event.clientX - box.left) / box.width) * state.width;
    const y = ((event.clientY - box.top) / box.height) * state.height;
    act(host.call("pointer", { x: clamp(x, state.width), y: clamp(y, state.height) }));
  };
  const press = (event: KeyboardEvent): void => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = keyOf(event.key);
    if (key !== undefined) {
      event.preventDefault();
      send();
      act(host.call("key", { key }));
    } else if ([...event.key].length === 1) {
      event.preventDefault();
      typed.current += event.key;
      clearTimeout(timer.current);
      timer.current = setTimeout(send, gatheredMs);
    }
  };
  return (
    <button
      type="button"
      class="pageHands"
      aria-label={t("operatorPageOf", { n: step.n, action: step.action })}
      onClick={click}
      onKeyDown={press}
    >
      {image}
    </button>
  );
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(0, value), most);
}

/** The picture of a step: the latest comes with the state, an older one is asked for. */
function usePicture({ n, picture }: OperatorStep): string | null {
  const [asked, setAsked] = useState<{ n: number; picture: string | null } | null>(null);
  useEffect(() => {
    if (picture !== undefined) return;
    let gone = false;
    quietly(
      host,
      host.call("picture", { n }).then((found) => {
        if (!gone) setAsked({ n, picture: found.picture });
      }),
    );
    return () => {
      gone = true;
    };
  }, [n, picture === undefined]);
  return picture ?? (asked?.n === n ? asked.picture : null);
}
