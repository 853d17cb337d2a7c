import * as vscode from "vscode";
import type { Intervention } from "../contract/sites";

/** An intervention under the name a person knows it by, switched on or off. */
export interface NamedIntervention {
  name: string;
  on: boolean;
  intervention: Intervention;
}

const key = "vitrine.interventions";

/**
 * The interventions of this workspace. Those that are on act on chat answers and instruments, and on nothing else. Only
 * those without arrays of values are made here (silencing and scaling of units), so that they can be kept as they are.
 */
export class Interventions implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private items: NamedIntervention[];

  constructor(private readonly memory: Pick<vscode.Memento, "get" | "update">) {
    const stored = memory.get<unknown>(key, []);
    this.items = Array.isArray(stored) ? stored.filter(isNamed) : [];
  }

  get all(): readonly NamedIntervention[] {
    return this.items;
  }

  /** Those that are on. */
  active(): { names: string[]; list: Intervention[] } {
    const on = this.items.filter((item) => item.on);
    return { names: on.map(({ name }) => name), list: on.map(({ intervention }) => intervention) };
  }

  /** Adds one, switched on; one of the same name is replaced. */
  async add(name: string, intervention: Intervention): Promise<void> {
    await this.set([...this.items.filter((item) => item.name !== name), { name, on: true, intervention }]);
  }

  async toggle(name: string, on: boolean): Promise<void> {
    await this.set(this.items.map((item) => (item.name === name ? { ...item, on } : item)));
  }

  async remove(name: string): Promise<void> {
    await this.set(this.items.filter((item) => item.name !== name));
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async set(items: NamedIntervention[]): Promise<void> {
    this.items = items;
    this.changed.fire();
    await this.memory.update(key, items);
  }
}

function isNamed(value: unknown): value is NamedIntervention {
  if (typeof value !== "object" || value === null) return false;
  const { name, on, intervention } = value as Record<string, unknown>;
  return (
    typeof name === "string" && typeof on === "boolean" && typeof intervention === "object" && intervention !== null
  );
}

/** `3.120`: neuron 120 of layer 3. Returns null where the text says no such thing. */
export function parseNeuron(text: string): { layer: number; neuron: number } | null {
  const match = /^\s*(\d{1,4})\s*\.\s*(\d{1,7})\s*$/.exec(text);
  return match ? { layer: Number(match[1]), neuron: Number(match[2]) } : null;
}

/** Zero ablation of one neuron, at every position. */
export function silence(layer: number, neuron: number): Intervention {
  return { site: "mlp_post", layer, where: "all", operation: "zero", indices: [neuron] };
}
