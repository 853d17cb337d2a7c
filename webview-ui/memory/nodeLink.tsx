import type { VNode } from "preact";
import { t } from "../kit/l10n";
import { lookOf } from "./colours";
import type { DrawnNode } from "./model";
import { lineText, shortText } from "./nodeText";
import { ShapeIcon } from "./shapeIcon";

/** A memory as a line that opens it. */
export function NodeLink(props: { node: DrawnNode; onClick: () => void; disabled?: boolean }): VNode {
  const { node, onClick, disabled = false } = props;
  return (
    <button type="button" class="nodeLink" disabled={disabled} title={lineText(node.text)} onClick={onClick}>
      <ShapeIcon kind={node.kind} />
      <span class="hidden">{t(lookOf(node.kind).one)}</span>
      <span class={node.closed ? "closed" : ""}>{shortText(node.text, 140)}</span>
    </button>
  );
}
