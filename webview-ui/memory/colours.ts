import type { Word } from "../kit/l10n";
import type { Rgb, Theme } from "../kit/theme";
import { luminance, mix } from "../kit/theme";
import type { DrawnKind } from "./model";
import type { Shape } from "./shapes";

export interface KindLook {
  kind: DrawnKind;
  shape: Shape;
  /** Name of the theme's colour, and what stands in for it. */
  variable: string;
  one: Word;
  many: Word;
}

/** How each kind is drawn, in the legend's order. */
export const kindLooks: readonly KindLook[] = [
  { kind: "entity", shape: "circle", variable: "charts-blue", one: "memoryEntity", many: "memoryEntities" },
  { kind: "record", shape: "square", variable: "charts-green", one: "memoryRecord", many: "memoryRecords" },
  {
    kind: "experience",
    shape: "triangle",
    variable: "charts-yellow",
    one: "memoryExperience",
    many: "memoryExperiences",
  },
  { kind: "thought", shape: "diamond", variable: "charts-purple", one: "memoryThought", many: "memoryThoughts" },
  { kind: "community", shape: "hexagon", variable: "charts-red", one: "memoryCommunity", many: "memoryCommunities" },
];

export function lookOf(kind: DrawnKind): KindLook {
  return kindLooks.find((look) => look.kind === kind)!;
}

export interface Palette {
  kinds: Record<DrawnKind, Rgb>;
  background: Rgb;
  text: Rgb;
  edge: Rgb;
  strongEdge: Rgb;
  /** What an answer was given; also a path. */
  read: Rgb;
  focus: Rgb;
}

/** A colour that stands out from the background by 3 to 1 at least, which WCAG asks of what carries meaning. */
export function readable(colour: Rgb, background: Rgb): Rgb {
  const target: Rgb = luminance(background) < 0.18 ? [255, 255, 255] : [0, 0, 0];
  let found = colour;
  for (let step = 0; step <= 10 && contrast(found, background) < 3; step++) found = mix(colour, target, step / 10);
  return found;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

export function paletteOf(theme: Theme, colour: (variable: string) => Rgb | null): Palette {
  const { background, foreground } = theme;
  const kinds = Object.fromEntries(
    kindLooks.map(({ kind, variable }) => [kind, readable(colour(variable) ?? theme.accent, background)]),
  ) as Record<DrawnKind, Rgb>;
  return {
    kinds,
    background,
    text: foreground,
    edge: mix(background, foreground, theme.contrast ? 0.5 : 0.22),
    strongEdge: mix(background, foreground, 0.75),
    read: readable(colour("charts-orange") ?? theme.warm, background),
    focus: readable(theme.focus, background),
  };
}

/** A colour as sigma wants it: it knows `#rrggbb` and `rgba(…)` with commas only. */
export function hex(colour: Rgb): string {
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}
