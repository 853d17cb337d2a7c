import { useMemo } from "preact/hooks";
import type { Theme } from "../kit/theme";
import { themeColour } from "../kit/theme";
import type { Palette } from "./colours";
import { paletteOf } from "./colours";

export function usePalette(theme: Theme): Palette {
  return useMemo(() => paletteOf(theme, (variable) => themeColour(variable, theme.background)), [theme]);
}
