import type { CommonViewMethods } from "../../src/contract/view";
import type { Host } from "../kit/host";
import type { Laid } from "./layout";
import { savePng } from "../kit/save";
import { curve, short, under } from "./diagram";
import { box } from "./layout";
import { statusMarks } from "./words";

const escaped = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function color(name: string, otherwise: string): string {
  return getComputedStyle(document.body).getPropertyValue(name).trim() || otherwise;
}

/** The whole tree as an SVG of its own, in the colours that are on the screen. */
export function planSvg(laid: Laid, path: ReadonlySet<string>, goal: string): string {
  const ink = color("--vscode-editor-foreground", "#333333");
  const paper = color("--vscode-editor-background", "#ffffff");
  const accent = color("--vscode-focusBorder", "#0078d4");
  const faint = color("--vscode-descriptionForeground", "#777777");
  const links = [...laid.placed.values()].flatMap((each) => {
    const parent = each.parent === null ? undefined : laid.placed.get(each.parent);
    if (!parent) return [];
    const taken = path.has(each.node.id);
    const dash = each.node.reality === "imagined" ? ' stroke-dasharray="4 3"' : "";
    return [
      `<path d="${curve(parent, each)}" fill="none" stroke="${taken ? accent : faint}" stroke-width="${taken ? 2.5 : 1}"${dash}/>`,
    ];
  });
  const boxes = laid.order.map((id) => {
    const { node, x, y } = laid.placed.get(id)!;
    const gone = ["pruned", "failed", "forbidden"].includes(node.status);
    const dash = node.reality === "imagined" || node.reality === "proposed" ? ' stroke-dasharray="4 3"' : "";
    return [
      `<g transform="translate(${x},${y})" opacity="${gone ? 0.65 : 1}">`,
      `<title>${escaped(`${node.intent}\n${node.reason}`)}</title>`,
      `<rect width="${box.width}" height="${box.height}" rx="5" fill="${paper}" stroke="${path.has(id) ? accent : faint}"${dash}/>`,
      `<text x="9" y="18" fill="${ink}">${statusMarks[node.status]}</text>`,
      `<text x="25" y="18" fill="${ink}">${escaped(short(node.intent, 26))}</text>`,
      `<text x="25" y="35" fill="${faint}" font-size="10">${escaped(under(node))}</text>`,
      "</g>",
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${laid.width}" height="${laid.height}" viewBox="0 0 ${laid.width} ${laid.height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(goal)}</title>`,
    `<rect width="100%" height="100%" fill="${paper}"/>`,
    ...links,
    ...boxes,
    "</svg>",
    "",
  ].join("\n");
}

/** Largest side of a picture that every browser draws. */
const largest = 8_000;

export async function savePicture(
  host: Host<CommonViewMethods, object>,
  laid: Laid,
  path: ReadonlySet<string>,
  goal: string,
): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(planSvg(laid, path, goal))}`;
  await image.decode();
  const scale = Math.min(2, largest / Math.max(1, laid.width, laid.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(laid.width * scale));
  canvas.height = Math.max(1, Math.round(laid.height * scale));
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  await savePng(host, "plan.png", canvas);
}
