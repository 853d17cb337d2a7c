import { useEffect, useState } from "preact/hooks";

export type Rgb = readonly [number, number, number];

/** The theme's colours that a canvas needs, as numbers. */
export interface Theme {
  background: Rgb;
  foreground: Rgb;
  muted: Rgb;
  accent: Rgb;
  warm: Rgb;
  border: Rgb;
  focus: Rgb;
  dark: boolean;
  contrast: boolean;
  font: string;
  mono: string;
}

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any CSS colour as red, green, blue over `under`. */
function parse(css: string, under: Rgb): Rgb {
  if (!probe || css.trim() === "") return under;
  probe.canvas.width = probe.canvas.height = 1;
  probe.fillStyle = css;
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
  const alpha = (a ?? 255) / 255;
  return mix(under, [r ?? 0, g ?? 0, b ?? 0], alpha);
}

export function mix(from: Rgb, to: Rgb, amount: number): Rgb {
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * amount)) as unknown as Rgb;
}

/** WCAG relative luminance, 0..1. */
export function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function css(colour: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${colour.join(" ")})` : `rgb(${colour.join(" ")} / ${alpha})`;
}

/** Reads the theme from the page's `--vscode-*` variables. */
export function readTheme(): Theme {
  const styles = getComputedStyle(document.body);
  const read = (names: string[], under: Rgb): Rgb => {
    const found = names.map((name) => styles.getPropertyValue(`--vscode-${name}`)).find((value) => value.trim() !== "");
    return found === undefined ? under : parse(found, under);
  };
  const kind = document.body.dataset["vscodeThemeKind"] ?? document.body.className;
  const dark = !/light/.test(kind);
  const background = read(["editor-background", "sideBar-background"], dark ? [30, 30, 30] : [255, 255, 255]);
  const foreground = read(["editor-foreground", "foreground"], dark ? [212, 212, 212] : [51, 51, 51]);
  return {
    background,
    foreground,
    muted: read(["descriptionForeground"], mix(background, foreground, 0.7)),
    accent: read(["charts-blue", "focusBorder"], [55, 148, 255]),
    warm: read(["editorWarning-foreground", "charts-yellow"], [209, 134, 22]),
    border: read(["panel-border", "widget-border", "contrastBorder"], mix(background, foreground, 0.2)),
    focus: read(["focusBorder", "charts-blue"], [0, 127, 212]),
    dark,
    contrast: /high-contrast/.test(kind),
    font: styles.getPropertyValue("--vscode-font-family").trim() || "sans-serif",
    mono: styles.getPropertyValue("--vscode-editor-font-family").trim() || "monospace",
  };
}

/** One colour of the theme by its name without `--vscode-`, over `under`; null where the theme has none. */
export function themeColour(name: string, under: Rgb): Rgb | null {
  const value = getComputedStyle(document.body).getPropertyValue(`--vscode-${name}`);
  return value.trim() === "" ? null : parse(value, under);
}

/** The theme, read again whenever the editor changes it. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(readTheme()));
    observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-kind"] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
    return () => observer.disconnect();
  }, []);
  return theme;
}

/** 256 colours: `one` from the background to the accent, `two` from warm over the background to the accent. */
export function ramp(theme: Theme, kind: "one" | "two"): { colours: Rgb[]; texts: string[] } {
  const high = mix(theme.accent, theme.dark ? [255, 255, 255] : [0, 0, 0], 0.25);
  const low = theme.warm;
  const colours = Array.from({ length: 256 }, (_, i): Rgb => {
    const at = i / 255;
    if (kind === "two") {
      const size = Math.abs(at - 0.5) * 2;
      return mix(theme.background, at < 0.5 ? low : theme.accent, size ** 0.8);
    }
    return at < 0.75 ? mix(theme.background, theme.accent, at / 0.75) : mix(theme.accent, high, (at - 0.75) / 0.25);
  });
  const light = luminance(theme.foreground) > luminance(theme.background) ? theme.foreground : theme.background;
  const deep = light === theme.foreground ? theme.background : theme.foreground;
  const texts = colours.map((colour) => {
    const own = luminance(colour);
    const onLight = (luminance(light) + 0.05) / (own + 0.05);
    const onDeep = (own + 0.05) / (luminance(deep) + 0.05);
    return css(onLight >= onDeep ? light : deep);
  });
  return { colours, texts };
}
