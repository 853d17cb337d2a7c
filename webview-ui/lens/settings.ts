import type { Site } from "../../src/contract/sites";
import type { Cell, CellSize } from "../kit/heatmap/grid";
import type { ProbeText } from "../kit/instrument";
import type { Metric } from "../kit/lensMetric";
import type { Align } from "./grids";
import { emptyProbe } from "../kit/instrument";

export type RowChoice = "post" | "mid" | "parts";

export interface LensSettings {
  metric: Metric;
  target: string;
  rows: RowChoice;
  tuned: boolean;
  /** Tokens kept a cell. */
  top: number;
  zoom: number;
  table: boolean;
  /** In the shown order: the last layer is row 0. */
  selected: Cell | null;
  compare: boolean;
  other: ProbeText;
  otherTuned: boolean;
  align: Align;
}

export const firstSettings: LensSettings = {
  metric: "probability",
  target: "",
  rows: "post",
  tuned: false,
  top: 5,
  zoom: -1,
  table: false,
  selected: null,
  compare: false,
  other: emptyProbe,
  otherTuned: false,
  align: "end",
};

/** Sites of each choice of rows, in the model's words. */
export const rowSites: Record<RowChoice, Site[]> = {
  post: ["embed", "resid_post"],
  mid: ["embed", "resid_mid", "resid_post"],
  parts: ["embed", "attn_out", "resid_mid", "mlp_out", "resid_post"],
};

export const zooms: readonly CellSize[] = [
  { width: 3, height: 6 },
  { width: 5, height: 8 },
  { width: 9, height: 10 },
  { width: 15, height: 13 },
  { width: 34, height: 15 },
  { width: 54, height: 17 },
  { width: 78, height: 19 },
  { width: 116, height: 22 },
];

/** Cells in which a word can be read. */
const readable = 5;

/** The closest look at which the whole prompt fits the width; a prompt of ordinary length stays readable and scrolls. */
export function fittingZoom(columns: number, width: number): number {
  const room = Math.max(100, width - 70);
  for (let zoom = 6; zoom >= readable; zoom--) if (zooms[zoom]!.width * columns <= room) return zoom;
  if (columns <= 250) return readable;
  for (let zoom = readable; zoom > 0; zoom--) if (zooms[zoom]!.width * columns <= room) return zoom;
  return 1;
}

/** The name under which the host keeps the fitted lens of this model. */
export const tunedName = "lens.tuned.safetensors";
