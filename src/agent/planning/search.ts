import type { PlanNode, PlanSettings } from "../../contract/plan";
import { bestEnd, bestPath, openEnds, passable } from "./choose";
import type { PlanMind } from "./mind";
import { imagine, judge, propose, why } from "./thoughts";
import { rootId, sameness, type PlanTree } from "./tree";
import { judgementText, tellsNothing } from "./value";

export interface SearchOptions {
  mind: PlanMind;
  tree: PlanTree;
  settings: PlanSettings;
  goal: string;
  /** A limit that is reached, in words. */
  limit: () => string | undefined;
  /** How often the world model was right, 0..1. */
  history: () => number;
  /** Whether imagining further than a step is worth it. */
  trust: () => boolean;
  /** Does the step for real and takes it back; undefined where that may not be. */
  tryOut?: (node: string) => Promise<{ seen: string; failed: boolean } | undefined>;
  /** Tells what changed. */
  told: (note?: string) => Promise<void>;
}

/**
 * Best-first search in the head: the best open end is expanded by different next steps, each is imagined (or tried and
 * rolled back), valued, and pruned at once where its value is low. Deterministic for a deterministic brain.
 */
export class PlanSearch {
  /** Ends at which nothing different was proposed. */
  private readonly closed = new Set<string>();
  private readonly values: number[] = [];
  private noted = false;

  constructor(private readonly options: SearchOptions) {}

  /** Looks ahead from `head`; gives the steps of the best way found, the next one first. Empty where none is left. */
  async look(head: string, surprise?: string): Promise<PlanNode[]> {
    const { tree, settings, limit } = this.options;
    const before = tree.size;
    // What is new is told where it happened: other steps are proposed beside those that still hold.
    if (surprise !== undefined && limit() === undefined) {
      this.closed.delete(head);
      await this.expand(tree.get(head), surprise, head);
    }
    for (;;) {
      const end = bestEnd(
        tree,
        openEnds(tree, head).filter(({ id }) => !this.closed.has(id)),
      );
      if (!end || limit() !== undefined) break;
      if (end.id !== head && end.value === null) {
        await this.consider(end, head);
        continue;
      }
      if (end.goal && end.id !== head) break;
      if (tree.size - before >= settings.lookahead) break;
      if (tree.depth(end.id) >= settings.limits.depth) {
        this.closed.add(end.id);
        continue;
      }
      await this.expand(end, undefined, head);
    }
    return bestPath(tree, head);
  }

  /** Steps that were proposed before the world changed are imagined again from what is so now. */
  async again(head: string): Promise<void> {
    const { tree, told, limit } = this.options;
    for (const child of tree.children(head).filter(passable)) {
      if (limit() !== undefined) return;
      const was = child.state;
      await this.consider(tree.change(child.id, { value: null }), head);
      const now = tree.get(child.id);
      if (now.status === "open") tree.change(child.id, { reason: `Still holds after the surprise. ${now.reason}` });
      if (sameness(now.state) === sameness(was)) continue;
      for (const each of tree.below(child.id).filter(passable)) {
        if (each.pinned) tree.change(each.id, { value: null, reality: "proposed" });
        else tree.change(each.id, { status: "pruned", reason: "It built on a state that the surprise took away." });
      }
    }
    await told();
  }

  private async expand(node: PlanNode, surprise: string | undefined, head: string): Promise<void> {
    const { mind, tree, settings, goal, told } = this.options;
    const path = tree.path(node.id).slice(1);
    const steps = await propose(
      mind,
      node.id,
      {
        goal,
        state: tree.get(node.id).state,
        done: path.filter(({ status }) => status === "open" || status === "done").map(({ intent }) => intent),
        ...(surprise === undefined ? {} : { surprise }),
      },
      settings.alternatives,
    );
    const fresh: PlanNode[] = [];
    for (const { step, expect } of steps) {
      const twin = tree.children(node.id).find(({ intent }) => sameness(intent) === sameness(step));
      if (twin) tree.change(twin.id, { votes: twin.votes + 1 });
      else if (tree.size < settings.limits.nodes) fresh.push(this.proposed(node, step, expect));
    }
    if (!fresh.some(({ id }) => tree.get(id).status === "open")) this.closed.add(node.id);
    await told();
    for (const { id } of fresh) {
      if (tree.get(id).status !== "open" || this.options.limit() !== undefined) continue;
      await this.consider(tree.get(id), head);
    }
  }

  private proposed(parent: PlanNode, intent: string, expect: string): PlanNode {
    const { tree } = this.options;
    const made = tree.add({ parent: parent.id, intent, expect });
    const forbidden = tree
      .all()
      .find((each) => each.status === "forbidden" && sameness(each.intent) === sameness(intent));
    if (forbidden) return tree.change(made.id, { status: "forbidden", reason: "The user forbade this step." });
    const path = tree.path(parent.id);
    const before = path.findIndex(
      (each, i) =>
        i > 0 && sameness(each.intent) === sameness(intent) && sameness(path[i - 1]!.state) === sameness(parent.state),
    );
    if (before > 0) {
      const reason = `A circle: the same step in the same state as step ${before} of this path.`;
      return tree.change(made.id, { status: "pruned", reason, value: 0 });
    }
    return made;
  }

  /** Imagines a step (and what would follow it, up to the horizon), values the end, and prunes. */
  private async consider(node: PlanNode, head: string): Promise<void> {
    const { mind, tree, settings, goal, history, trust, told } = this.options;
    const parent = tree.get(node.parent ?? rootId);
    const tried = parent.id === head ? await this.options.tryOut?.(node.id) : undefined;
    let seen = tried?.seen;
    if (tried)
      tree.change(node.id, {
        reality: "tried",
        observed: tried.seen,
        state: stateAfter(parent.state, node.intent, tried.seen),
      });
    else {
      const prediction = await imagine(mind, node.id, { state: parent.state, action: node.intent }, history());
      if (prediction) {
        seen = prediction.seen;
        tree.change(node.id, { reality: "imagined", prediction, state: prediction.state });
      }
    }
    await told();
    if (seen === undefined) {
      tree.change(node.id, {
        value: 0.5,
        state: stateAfter(parent.state, node.intent, node.expect),
        reason: "The world model said nothing that can be read; not valued.",
      });
      return told();
    }
    const circle = this.circle(tree.get(node.id));
    if (circle !== undefined && !node.pinned) {
      tree.change(node.id, { status: "pruned", value: 0, reason: circle });
      return told();
    }
    const far = trust() && tried === undefined ? await this.ahead(node.id, settings.horizon - 1) : undefined;
    const input = {
      goal,
      step: node.intent,
      ...(node.expect ? { expected: node.expect } : {}),
      seen: far?.seen ?? seen,
    };
    const { value, verdict, judgement } = await judge(mind, node.id, input, settings.samples);
    this.values.push(value);
    const failed = tried?.failed === true;
    const worth = failed ? 0 : value;
    tree.change(node.id, {
      value: worth,
      judged: judgement,
      goal: verdict === "done" && !failed && far === undefined,
      reason: failed
        ? `Tried and rolled back: it failed. ${input.seen.slice(0, 200)}`
        : judgementText(judgement, value),
    });
    // What was imagined further on shares the value of its end.
    for (const each of far?.steps ?? []) {
      tree.change(each, { value: worth, goal: verdict === "done" && each === far?.steps.at(-1) });
    }
    await this.prune(tree.get(node.id), input.seen, verdict ?? "wrong");
    await told(this.judgeNote());
  }

  private async prune(node: PlanNode, seen: string, verdict: string): Promise<void> {
    const { mind, tree, settings, goal } = this.options;
    if (node.status !== "open" || node.pinned || node.by === "user" || (node.value ?? 1) >= settings.prune) return;
    tree.change(node.id, { status: "pruned", goal: false });
    if (!settings.reasons || this.options.limit() !== undefined) return;
    const said = await why(mind, node.id, { goal, step: node.intent, seen, verdict });
    if (said) tree.change(node.id, { reason: `${said} (${node.reason})` });
  }

  /** What would be seen after further steps, each the likeliest one; undefined where nothing more was imagined. */
  private async ahead(from: string, steps: number): Promise<{ seen: string; steps: string[] } | undefined> {
    const { mind, tree, settings, goal, history } = this.options;
    let seen = "";
    const made: string[] = [];
    let at = from;
    for (let i = 0; i < steps; i++) {
      if (this.options.limit() !== undefined || tree.size >= settings.limits.nodes) break;
      if (tree.depth(at) >= settings.limits.depth) break;
      const node = tree.get(at);
      const done = tree
        .path(at)
        .slice(1)
        .map(({ intent }) => intent);
      const [next] = await propose(mind, at, { goal, state: node.state, done }, 1);
      if (!next) break;
      const child = this.proposed(node, next.step, next.expect);
      if (child.status !== "open") break;
      const prediction = await imagine(mind, child.id, { state: node.state, action: child.intent }, history());
      if (!prediction) break;
      tree.change(child.id, {
        reality: "imagined",
        prediction,
        state: prediction.state,
        reason: "Imagined on the way to the horizon; valued by its end.",
      });
      seen = prediction.seen;
      at = child.id;
      made.push(at);
    }
    return made.length === 0 ? undefined : { seen, steps: made };
  }

  private circle(node: PlanNode): string | undefined {
    const { tree } = this.options;
    const state = sameness(node.state);
    if (state === "") return undefined;
    const path = tree.path(node.id);
    const at = path.slice(0, -2).findIndex((each) => sameness(each.state) === state);
    return at < 0
      ? undefined
      : `A circle: it leads back to the state ${at === 0 ? "at the beginning" : `after step ${at}`}.`;
  }

  /** The judge was found to tell nothing apart. */
  get blind(): boolean {
    return this.noted;
  }

  private judgeNote(): string | undefined {
    if (this.noted || !tellsNothing(this.values)) return undefined;
    this.noted = true;
    return `The judge gave all ${this.values.length} steps the highest value: it tells nothing apart, and the order of the proposals decides.`;
  }
}

const longestState = 1_200;

/** What is known after a step: the newest last, the oldest dropped first. */
export function stateAfter(before: string, intent: string, seen: string): string {
  const line = `${intent.slice(0, 120)}: ${seen.replace(/\s+/g, " ").trim().slice(0, 400)}`;
  const kept = before === nothingDone ? [] : before.split(" | ");
  const lines = [...kept, line];
  while (lines.length > 1 && lines.join(" | ").length > longestState) lines.shift();
  return lines.join(" | ");
}

export const nothingDone = "nothing done yet";
