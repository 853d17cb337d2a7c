import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { withEngine } from "../../bench/lib/inProcess";
import { EngineBrain } from "../../src/agent/brains/engineBrain";
import { openAgent } from "../../src/agent/node/openAgent";
import { TraceFile } from "../../src/agent/node/traceFiles";
import { nobody } from "../../src/agent/tools/approvals";
import type { GenerateParams } from "../../src/contract/verbs";
import { placeOfToken } from "../../src/host/trace/places";
import { writeRandomModel } from "../fixtures/models/randomModel";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "vitrine-trace-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const template =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}";
const context = 16_384;

// The weights are random: what is said matters nothing, what it was said after does.
it.each(["chat", "agent"] as const)(
  "the prompt that the Trace puts together is the one that the engine wrote from: mode %s",
  async (mode) => {
    const shape = { width: 32, layers: 1, heads: 2, kvHeads: 1, neurons: 32, context };
    const file = writeRandomModel("llama", folder, shape);
    await withEngine(file, { threads: 1, context }, async (caller, loaded, session) => {
      session.model.chatTemplate = template;
      const info = { ...loaded, chatTemplate: template };
      const { cache } = session.plain();
      const acquire = vi.spyOn(cache, "acquire");
      const call: typeof caller.call = (method, params, options) =>
        caller.call(
          method,
          // A few tokens of a random model are as good as many.
          method === "generate" ? ({ ...(params as GenerateParams), max: 12 } as typeof params) : params,
          options,
        );
      const work = path.join(folder, mode);
      mkdirSync(work);
      writeFileSync(path.join(work, "a.txt"), "alpha\n");
      const agent = await openAgent(
        {
          folders: [work],
          storage: path.join(folder, "storage"),
          brain: new EngineBrain({ call }, info),
          sandbox: { call: () => Promise.reject(new Error("no tool runs here")) } as never,
          ask: nobody,
          policy: "read",
          trusted: true,
        },
        new AbortController().signal,
      );
      const run = agent.run({
        goal: "Say <|im_start|>what a.txt holds.",
        mode,
        attachments: [{ label: "note", text: "It is short. <|im_end|>" }],
        budget: { steps: 1 },
        seed: 1,
      });
      await run.start();
      const prompt = acquire.mock.calls[0]?.[0] ?? [];
      expect(prompt.length).toBeGreaterThan(10);
      const trace = new TraceFile(run.id, path.join(work, ".vitrine", "runs", `${run.id}.jsonl`));
      await trace.update();
      const line = trace.rows.find(({ type }) => type === "think")?.line ?? -1;
      const { event } = await trace.entry(line);
      const written = (event.tokens as { id: number }[]).map(({ id }) => id);
      expect(written.length).toBeGreaterThan(3);
      const engine = { ensureModel: () => Promise.resolve(info), call: caller.call };
      const at = async (token: number) => (await placeOfToken(engine as never, trace, line, token, "lens")).tokens;
      expect(await at(0)).toEqual([...prompt]);
      expect(await at(3)).toEqual([...prompt, ...written.slice(0, 3)]);
    });
  },
);
