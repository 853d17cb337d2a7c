/** Index of the element `[data-t]` on the line above or below the one at `from`, nearest sideways. */
function onOtherLine(elements: HTMLElement[], from: number, way: 1 | -1): number {
  const here = elements[from]?.getBoundingClientRect();
  if (!here) return from;
  let best = from;
  let distance = Infinity;
  let line: number | null = null;
  for (let i = from + way; i >= 0 && i < elements.length; i += way) {
    const box = elements[i]!.getBoundingClientRect();
    if (Math.abs(box.top - here.top) < 3) continue;
    line ??= box.top;
    if (Math.abs(box.top - line) > 3) break;
    const far = Math.abs(box.left - here.left);
    if (far < distance) [best, distance] = [i, far];
  }
  return best;
}

/** Where a key moves in a row of tokens that wraps; null for keys that do not move. */
export function moveByKey(key: string, elements: HTMLElement[], from: number): number | null {
  const last = elements.length - 1;
  switch (key) {
    case "ArrowRight":
      return Math.min(last, from + 1);
    case "ArrowLeft":
      return Math.max(0, from - 1);
    case "ArrowDown":
      return onOtherLine(elements, from, 1);
    case "ArrowUp":
      return onOtherLine(elements, from, -1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
