import "./tokenPopover.css";
import type { VNode } from "preact";
import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { GeneratedToken } from "../../src/contract/token";
import type { CommonViewMethods, InstrumentRequest } from "../../src/contract/view";
import type { Bar } from "./distribution";
import type { Host } from "./host";
import { Distribution } from "./distribution";
import { figure, percent } from "./format";
import { IconButton } from "./icon";
import { InstrumentMenu } from "./instrumentMenu";
import { t } from "./l10n";
import { visibleToken } from "./visible";

/** The alternatives of a token with the token itself among them, whatever its rank was. */
export function barsOf(token: GeneratedToken): Bar[] {
  const known = token.top.some((each) => each.id === token.id);
  return known ? token.top : [...token.top, token];
}

/**
 * What a generated token was, what else it could have been, and every instrument at its place. Shown beside `anchor`;
 * `pinned` takes the focus and stays until it is closed.
 */
export function TokenPopover(props: {
  host: Host<CommonViewMethods, object>;
  token: GeneratedToken;
  index: number;
  anchor: DOMRect;
  pinned: boolean;
  /** Absent where the answer is still being written. */
  onBranch?: (bar: Bar) => void;
  make?: (instrument: InstrumentRequest["instrument"]) => Promise<InstrumentRequest>;
  onClose: () => void;
  onEnter?: () => void;
  onLeave?: () => void;
}): VNode {
  const { host, token, index, anchor, pinned, onBranch, make, onClose, onEnter, onLeave } = props;
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });

  useLayoutEffect(() => {
    const size = box.current?.getBoundingClientRect();
    if (!size) return;
    const left = Math.max(6, Math.min(anchor.left - 8, innerWidth - size.width - 6));
    const below = anchor.bottom + 4;
    const top = below + size.height <= innerHeight - 4 ? below : Math.max(4, anchor.top - size.height - 4);
    setPlace({ left, top });
  }, [anchor, token]);

  useEffect(() => {
    if (!pinned) return;
    const find = (selector: string): HTMLElement | null | undefined =>
      box.current?.querySelector<HTMLElement>(selector);
    (find("button.bar") ?? find("button"))?.focus();
  }, [pinned, token]);

  const meters = Object.entries(token.meters ?? {});
  return (
    <div
      ref={box}
      class="popover"
      role="dialog"
      aria-label={t("tokenDialog", { token: visibleToken(token) })}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
      onMouseEnter={onEnter}
      onMouseLeave={onLeave}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div class="popoverHead">
        <span class="tokenChip mono">{visibleToken(token)}</span>
        <span class="muted small">{t("tokenNumber", { n: index + 1, id: String(token.id) })}</span>
        <span class="grow" />
        {pinned && <IconButton icon="close" label={t("close")} onClick={onClose} />}
      </div>
      <dl class="facts">
        <dt>{t("probability")}</dt>
        <dd>{percent(token.p)}</dd>
        <dt title={t("entropySays")}>{t("entropy")}</dt>
        <dd title={t("entropySays")}>{t("nats", { value: figure(token.entropy) })}</dd>
        {meters.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{figure(value)}</dd>
          </Fragment>
        ))}
      </dl>
      <Distribution
        bars={barsOf(token)}
        chosen={token.id}
        {...(onBranch && {
          onChoose: onBranch,
          chooseLabel: (bar: Bar) => t("branchWith", { token: visibleToken(bar) }),
        })}
      />
      {onBranch && <p class="muted small popoverHint">{t("branchHint")}</p>}
      {make && (
        <>
          <div class="popoverSection small muted">{t("instrumentsHere")}</div>
          <InstrumentMenu host={host} make={make} />
        </>
      )}
    </div>
  );
}
