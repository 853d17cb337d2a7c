import { greedy, type Sampling } from "../../../contract/verbs";
import type { Lab } from "../lab";
import { checkpoint } from "../probe";

const sampling: Sampling = { ...greedy, temperature: 1, topP: 0.98 };
const known = new WeakMap<Lab["weights"], number[][]>();

/**
 * Text of the model's own, as token sequences: what its states look like when it runs as it usually does. Chat models ask
 * themselves questions and answer them; others go on with everyday openings. Sampled with fixed seeds, and kept for the model's life.
 */
export async function ownText(lab: Lab, wanted: number, signal: AbortSignal): Promise<number[][]> {
  const texts = known.get(lab.weights) ?? [];
  known.set(lab.weights, texts);
  let count = texts.reduce((sum, { length }) => sum + length, 0);
  const frame = await chatFrame(lab);
  for (let seed = texts.length + 1, idle = 0; count < wanted && idle < 20; seed++) {
    checkpoint(signal);
    const text = frame ? await exchange(lab, frame, seed, signal) : await continuation(lab, seed, signal);
    idle = text.length < 8 ? idle + 1 : 0;
    texts.push(text);
    count += text.length;
  }
  return texts;
}

interface Frame {
  before: number[];
  after: number[];
}

/** The tokens the chat template puts before and after what a person says; undefined without a template. */
async function chatFrame(lab: Lab): Promise<Frame | undefined> {
  if (!lab.info.chatTemplate) return undefined;
  const render = async (content: string) =>
    (await lab.render({ kind: "chat", messages: [{ role: "user", content }] })).map(({ id }) => id);
  const [a, b] = [await render("Yes"), await render("1 + 1")];
  let before = 0;
  while (before < a.length && a[before] === b[before]) before++;
  let after = 0;
  while (after < a.length - before && a[a.length - 1 - after] === b[b.length - 1 - after]) after++;
  return { before: a.slice(0, before), after: a.slice(a.length - after) };
}

async function exchange(lab: Lab, { before, after }: Frame, seed: number, signal: AbortSignal): Promise<number[]> {
  const asked = [...before, ...(await more(lab, before, 48, seed, signal))];
  const prompt = [...asked, ...after];
  return [...prompt, ...(await more(lab, prompt, 64, seed, signal))];
}

async function continuation(lab: Lab, seed: number, signal: AbortSignal): Promise<number[]> {
  const openings = ["The", "In", "A", "It was", "She", "When", "There is", "My"];
  const start = lab.tokenize(openings[seed % openings.length]!, false).map(({ id }) => id);
  return [...start, ...(await more(lab, start, 96, seed, signal))];
}

async function more(lab: Lab, ids: number[], max: number, seed: number, signal: AbortSignal): Promise<number[]> {
  const { forks } = await lab.generate(
    { input: { kind: "tokens", ids }, sampling: { ...sampling, seed }, max, top: 0 },
    signal,
  );
  return forks[0]!.tokens.filter(({ special }) => !special).map(({ id }) => id);
}
