import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LensCell } from "../../src/contract/verbs";
import "./tokenPopover.css";
import { Distribution } from "./distribution";
import { figure, percent } from "./format";
import { t } from "./l10n";

/** A card beside a cell or anything else that has a box; it never covers what it speaks of. */
export function Card(props: { anchor: DOMRect; children: ComponentChildren; label: string }): VNode {
  const { anchor, children, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: -999, top: -999 });
  useLayoutEffect(() => {
    const size = box.current?.getBoundingClientRect();
    if (!size) return;
    const right = anchor.right + 8;
    const beside = right + size.width <= innerWidth - 4 ? right : Math.max(4, anchor.left - size.width - 8);
    const narrow = innerWidth < 480;
    const left = narrow ? Math.max(4, Math.min(anchor.left, innerWidth - size.width - 4)) : beside;
    const wanted = narrow ? anchor.top - size.height - 8 : anchor.top - 20;
    const top = wanted < 4 && narrow ? anchor.bottom + 8 : wanted;
    setPlace({ left, top: Math.max(4, Math.min(top, innerHeight - size.height - 4)) });
  }, [anchor, children]);
  return (
    <div
      ref={box}
      class="popover card"
      role="tooltip"
      aria-label={label}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
    >
      {children}
    </div>
  );
}

/** What the model would say if it stopped at this layer. */
export function LensFacts({ cell, title, target }: { cell: LensCell; title: string; target?: string }): VNode {
  return (
    <>
      <div class="popoverHead">
        <strong>{title}</strong>
      </div>
      <Distribution bars={cell.top} />
      <dl class="facts">
        <dt>{t("entropy")}</dt>
        <dd>{t("nats", { value: figure(cell.entropy) })}</dd>
        <dt title={t("klSays")}>{t("klFromOutput")}</dt>
        <dd>{t("nats", { value: figure(cell.kl) })}</dd>
        {target !== undefined && cell.rank >= 0 && (
          <>
            <dt>{t("targetNamed", { token: target })}</dt>
            <dd>{t("probabilityAndRank", { p: percent(cell.p), rank: cell.rank + 1 })}</dd>
          </>
        )}
      </dl>
    </>
  );
}
