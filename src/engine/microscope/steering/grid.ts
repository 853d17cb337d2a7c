import type { SteerGridCell, SteerGridParams, SteerGridResult } from "../../../contract/acting";
import { fail } from "../../../contract/errors";
import { directionInterventions, openDirection } from "../directions/use";
import type { Progressing } from "../directions/extract";
import { neutralText } from "../directions/neutralText";
import type { Lab } from "../lab";
import { answersTo } from "../measures/answers";
import { rateOf, requireBehaviour, shows } from "../measures/behaviour";
import { costsOf, neutralTokens } from "../measures/neutral";

/**
 * Layers x strengths: how often the behaviour shows in the answers, with the KL cost on neutral text beside it. Each cell adds the
 * direction at one layer. When cancelled, the cells so far are given and the result says that it is partial.
 */
export async function steerGrid(lab: Lab, params: SteerGridParams, run: Progressing): Promise<SteerGridResult> {
  requireBehaviour(params.behaviour);
  const { prompts, strengths } = params;
  if (prompts.length === 0) fail("badArgument", "There is no prompt to steer.");
  if (strengths.length === 0 || !strengths.every(Number.isFinite)) fail("badArgument", "Strengths are finite numbers.");
  const vector = openDirection(lab, params.file);
  const layers = params.layers === "all" ? Array.from({ length: lab.info.layers - 1 }, (_, i) => i + 1) : params.layers;
  if (layers.length === 0) fail("badArgument", `'${vector.name}' has no layer to steer at.`);
  const neutral = neutralTokens(lab, params.neutral ?? neutralText, 8);

  const cells: SteerGridCell[] = [];
  const total = layers.length * strengths.length;
  for (const layer of layers) {
    const row = await Promise.all(
      strengths.map((strength) =>
        directionInterventions(
          lab,
          {
            file: params.file,
            mode: "add",
            strength,
            layers: [layer],
            ...(params.where ? { where: params.where } : {}),
          },
          run.signal,
        ),
      ),
    );
    // Neutral text is all prompt: what acts on generated tokens alone would seem free of cost there.
    const everywhere = row.map((interventions) => ({
      interventions: interventions.map((each) => ({ ...each, where: "all" as const })),
    }));
    const costs = await costsOf(lab, neutral, everywhere, run.signal);
    for (const [i, strength] of strengths.entries()) {
      if (run.signal.aborted) return grid(layers, strengths, cells, prompts.length, true);
      const answers = await answersTo(lab, prompts, {
        interventions: strength === 0 ? [] : row[i]!,
        max: params.max ?? 30,
        ...(params.think ? { think: params.think } : {}),
        signal: run.signal,
      });
      cells.push({
        layer,
        strength,
        rate: rateOf(answers.filter(({ text }) => shows(params.behaviour, text)).length, answers.length),
        kl: strength === 0 ? 0 : costs[i]!.kl,
        collapsed: answers.filter(({ collapsed }) => collapsed).length / answers.length,
        answers: answers.map(({ text }) => text),
      });
      run.progress(cells.length, total, "steering");
    }
  }
  return grid(layers, strengths, cells, prompts.length, false);
}

function grid(
  layers: number[],
  strengths: number[],
  cells: SteerGridCell[],
  n: number,
  partial: boolean,
): SteerGridResult {
  const table = (value: (cell: SteerGridCell) => number) =>
    layers.map((layer) =>
      strengths.map((strength) => {
        const cell = cells.find((each) => each.layer === layer && each.strength === strength);
        return cell ? value(cell) : NaN;
      }),
    );
  return { layers, strengths, rate: table(({ rate }) => rate.rate), kl: table(({ kl }) => kl), cells, n, partial };
}
