import type { OperatorKey } from "../../src/contract/operator";

/** Keys that the picture passes on. Tab and Escape stay here, so that nobody is caught in it; the buttons send them. */
const passed: readonly OperatorKey[] = ["Enter", "Backspace", "ArrowUp", "ArrowDown", "PageUp", "PageDown"];

export function keyOf(name: string): OperatorKey | undefined {
  return passed.find((key) => key === name);
}
