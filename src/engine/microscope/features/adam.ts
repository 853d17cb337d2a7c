/** Moments of one parameter array. */
export interface Moments {
  first: Float32Array;
  second: Float32Array;
}

export function momentsFor(length: number): Moments {
  return { first: new Float32Array(length), second: new Float32Array(length) };
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

/** One step of Adam (Kingma & Ba 2014), in place; `step` counts from 1. */
export function adamStep(
  parameters: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  step: number,
  rate: number,
): void {
  const correction1 = 1 - beta1 ** step;
  const scale = (rate * Math.sqrt(1 - beta2 ** step)) / correction1;
  const floor = epsilon * Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]!;
    const m = beta1 * first[i]! + (1 - beta1) * g;
    const v = beta2 * second[i]! + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    parameters[i]! -= (scale * m) / (Math.sqrt(v) + floor);
  }
}
