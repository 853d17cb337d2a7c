import { UsageError, type CommandContext } from "./command";

type Action = (context: CommandContext, rest: string[]) => Promise<unknown>;

/** Runs the action that the first positional names. */
export async function runAction(
  name: string,
  actions: Record<string, Action>,
  context: CommandContext,
): Promise<unknown> {
  const [which, ...rest] = context.positionals;
  const names = Object.keys(actions).join(", ");
  if (which === undefined) throw new UsageError(`${name} what? one of ${names}`);
  const action = Object.hasOwn(actions, which) ? actions[which] : undefined;
  if (!action) throw new UsageError(`${name} has no '${which}'; there are ${names}`);
  return action(context, rest);
}

/** The one file or folder an action is given. */
export function onlyPlace(rest: string[], what: string): string {
  const [place, ...more] = rest;
  if (place === undefined) throw new UsageError(`which ${what}?`);
  if (more.length > 0) throw new UsageError(`one ${what} at a time, not also '${more[0]}'`);
  return place;
}

/** Numbers with commas between; `what` names the option. */
export function numberList(text: string, what: string): number[] {
  const numbers = text.split(",").map((item) => (item.trim() === "" ? NaN : Number(item)));
  if (!numbers.every(Number.isFinite)) throw new UsageError(`${what} takes numbers with commas between, not '${text}'`);
  return numbers;
}

/** What a long call needs: the interrupt and a line of progress. */
export function watched(context: CommandContext) {
  return {
    signal: context.signal,
    onProgress: ({ done, total, message }: { done: number; total: number; message?: string }) =>
      context.progress(done, total, message),
  };
}
