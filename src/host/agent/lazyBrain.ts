import type { Brain, BrainOptions, BrainReply, BrainRequest } from "../../contract/brain";

/** Tokens that are reckoned with before any model is known. */
const contextBefore = 4_096;

/**
 * The brain of the workspace's agent: whichever model a run brought last, and none before. Tools are listed, tested and
 * approved without it; the first that thinks has it loaded.
 */
export class LazyBrain implements Brain {
  private current: Brain | undefined;

  constructor(private readonly load: (signal?: AbortSignal) => Promise<Brain>) {}

  get name(): string {
    return this.current?.name ?? "";
  }

  get local(): boolean {
    return this.current?.local ?? true;
  }

  get fingerprint(): string {
    return this.current?.fingerprint ?? "";
  }

  get context(): number {
    return this.current?.context ?? contextBefore;
  }

  use(brain: Brain): void {
    this.current = brain;
  }

  async count(text: string): Promise<number> {
    return (await this.loaded()).count(text);
  }

  async reply(request: BrainRequest, options: BrainOptions = {}): Promise<BrainReply> {
    return (await this.loaded(options.signal)).reply(request, options);
  }

  private async loaded(signal?: AbortSignal): Promise<Brain> {
    return (this.current ??= await this.load(signal));
  }
}
