/** One thing the agent did, as the detector compares it. */
export interface Deed {
  /** Tool and arguments as one text. */
  call: string;
  /** What came of it, as one text. */
  outcome: string;
  ok: boolean;
  /** It changed something: what is repeated after it is no repetition. */
  changes: boolean;
}

export type Verdict = { kind: "fine" } | { kind: "warn" | "stop"; text: string };

const fine: Verdict = { kind: "fine" };

/**
 * Finds a run going round: the same call with the same outcome, the same error again and again, or a cycle of two or
 * three calls. It warns first, with a sentence for the model, and stops the run when that does not help.
 */
export class LoopDetector {
  private deeds: Deed[] = [];
  private known = new Set<string>();

  see(deed: Deed): Verdict {
    const novel = !this.known.has(deed.call);
    this.known.add(deed.call);
    // A new change of the world makes old observations worth repeating.
    if (deed.changes && deed.ok && novel) this.deeds = [];
    this.deeds.push(deed);
    if (this.deeds.length > 40) this.deeds.shift();
    return this.sameCall(deed) ?? this.sameError(deed) ?? this.cycle() ?? fine;
  }

  private sameCall({ call, outcome }: Deed): Verdict | undefined {
    const times = this.deeds.filter((each) => each.call === call && each.outcome === outcome).length;
    if (times >= 4) return { kind: "stop", text: `The same call was made ${times} times with the same result.` };
    if (times < 2) return undefined;
    return {
      kind: "warn",
      text: `You made this very call ${times} times and its result is the same. Do something else, or answer with what you know.`,
    };
  }

  private sameError({ ok, outcome }: Deed): Verdict | undefined {
    if (ok) return undefined;
    let times = 0;
    for (
      let i = this.deeds.length - 1;
      i >= 0 && this.deeds[i]?.ok === false && this.deeds[i]?.outcome === outcome;
      i--
    )
      times++;
    if (times >= 5)
      return { kind: "stop", text: `The same error came ${times} times in a row: ${outcome.slice(0, 200)}` };
    if (times < 3) return undefined;
    return {
      kind: "warn",
      text: `The same error came ${times} times. Try another way, or say in your answer what is in the way.`,
    };
  }

  /** The last calls go round with a period of 2 or 3 and nothing new comes of it. */
  private cycle(): Verdict | undefined {
    for (const period of [2, 3]) {
      let same = 0;
      for (let i = this.deeds.length - 1; i >= period; i--) {
        const [a, b] = [this.deeds[i], this.deeds[i - period]];
        if (a?.call !== b?.call || a?.outcome !== b?.outcome) break;
        same++;
      }
      const rounds = Math.floor(same / period) + 1;
      if (same >= period * 4) return { kind: "stop", text: `The same ${period} calls went round ${rounds} times.` };
      if (same >= period * 2)
        return {
          kind: "warn",
          text: `You go round among the same ${period} calls. Do something else, or answer with what you know.`,
        };
    }
    return undefined;
  }
}
