import type { InstrumentViewState } from "../../src/contract/instrumentView";
import type { LensParams, LensResult } from "../../src/contract/instruments";
import type { SiteAt } from "../../src/contract/sites";
import type { Token } from "../../src/contract/token";
import type { InstrumentRequest } from "../../src/contract/view";
import { idOf, lensCell, model, pieces, randomFrom } from "./fixtures";

export function tokensOf(text: string): Token[] {
  return pieces(text).map((each) => ({ id: idOf(each), text: each }));
}

export function panelState(
  request: InstrumentRequest | null = null,
  change: Partial<InstrumentViewState> = {},
): InstrumentViewState {
  return { model, request, interventions: [], ...change };
}

/** A plausible lens of any prompt: surer with depth, the last row the output. */
export function lensOf(
  tokens: Token[],
  sites: LensParams["sites"],
  layers: number,
  target?: string,
  seed = 5,
): LensResult {
  const random = randomFrom(seed);
  const rows: SiteAt[] = sites.includes("embed") ? [{ site: "embed" }] : [];
  for (let layer = 0; layer < layers; layer++) {
    for (const site of ["attn_out", "resid_mid", "mlp_out", "resid_post"] as const) {
      if (sites.includes(site)) rows.push({ site, layer });
    }
  }
  const cells = rows.map((_, row) =>
    tokens.map((_, position) => {
      const cell = lensCell(tokens[position + 1]?.text ?? " Paris", row / (rows.length - 1), random);
      const followed = target === undefined ? { p: 0, rank: -1 } : {};
      return { ...cell, ...followed, ...(row === rows.length - 1 && { kl: 0 }) };
    }),
  );
  return {
    tokens,
    rows,
    cells,
    ...(target !== undefined && { target: { id: idOf(target), text: target } }),
    partial: false,
  };
}

/** The host's lens: any prompt, answered a row at a time. */
export async function answerLens(params: LensParams, progress: (value: unknown) => Promise<void>): Promise<LensResult> {
  const { input } = params;
  const tokens =
    input.kind === "tokens"
      ? input.ids.map((id, i) => ({ id, text: [" The", " capital", " of", " France", " is", " the", " city"][i % 7]! }))
      : tokensOf(input.kind === "prompt" ? input.text : `<|im_start|>user\n${input.messages[0]!.content}<|im_end|>\n`);
  const result = lensOf(tokens, params.sites, model.layers, params.target, tokens.length);
  await progress({ tokens, rows: result.rows, fraction: 0 });
  for (const [row, cells] of result.cells.entries()) {
    await progress({ chunk: { row, from: 0, cells }, fraction: (row + 1) / result.rows.length });
  }
  return result;
}
