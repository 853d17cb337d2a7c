import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { ServerBrain, type ServerBrainOptions } from "../../../../src/agent/brains/serverBrain";
import type { BrainPiece, BrainRequest } from "../../../../src/contract/brain";
import { VitrineError, type ErrorCode } from "../../../../src/contract/errors";
import { delta, event, FakeServer, stream, type Seen } from "./fakeServer";

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function brain(
  handle: (seen: Seen, response: ServerResponse, n: number) => void,
  more: Partial<ServerBrainOptions> = {},
) {
  server = await FakeServer.start(handle);
  return new ServerBrain({ url: `${server.url}/v1`, model: "test", ...more });
}

const tools = [
  {
    name: "add",
    description: "Adds.",
    parameters: { type: "object" as const, properties: { a: { type: "number" as const } } },
  },
];
const ask: BrainRequest = { messages: [{ role: "user", content: "Hi" }] };

async function failure(promise: Promise<unknown>): Promise<{ code: ErrorCode; message: string }> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VitrineError);
  const { code, message } = error as VitrineError;
  return { code, message };
}

describe("a server's reply", () => {
  it("streams words and thoughts and counts what was used", async () => {
    const pieces: BrainPiece[] = [];
    const mind = await brain((_, response) =>
      stream(response, [
        delta({ role: "assistant", reasoning_content: "Greet." }),
        delta({ content: "Hel" }),
        delta({ content: "lo" }, "stop"),
        { choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } } },
      ]),
    );
    const reply = await mind.reply(ask, { onPiece: (piece) => pieces.push(piece) });
    expect(reply).toMatchObject({ text: "Hello", thought: "Greet.", calls: [], stop: "eos" });
    expect(reply.usage).toMatchObject({ promptTokens: 9, reusedTokens: 4, tokens: 3 });
    expect(pieces.map(({ text }) => text)).toEqual(["Greet.", "Hel", "lo"]);
  });

  it("puts calls together from their pieces and gives results their ids", async () => {
    const mind = await brain((_, response) =>
      stream(response, [
        delta({ tool_calls: [{ index: 0, id: "x", function: { name: "add", arguments: "" } }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: " 1}" } }] }, "tool_calls"),
      ]),
    );
    const messages: BrainRequest["messages"] = [
      { role: "user", content: "Add" },
      { role: "assistant", content: "", toolCalls: [{ name: "add", arguments: { a: 0 } }] },
      { role: "tool", name: "add", content: "0" },
    ];
    const reply = await mind.reply({ messages, tools });
    expect(reply.calls).toEqual([{ name: "add", arguments: { a: 1 } }]);
    const sent = server?.seen[0]?.body["messages"] as Record<string, unknown>[];
    expect((sent[1]?.["tool_calls"] as { id: string }[])[0]?.id).toBe(sent[2]?.["tool_call_id"]);
  });

  it("asks in words when the server knows no tools, and holds the reply to the general form", async () => {
    const mind = await brain((seen, response) => {
      if (seen.body["tools"]) {
        response.writeHead(400, { "content-type": "application/json" });
        return void response.end(JSON.stringify({ error: { message: "tools are not supported by this model" } }));
      }
      stream(response, [
        delta({ content: '<tool_call>\n{"name": "add", "arguments": {"a": 2}}\n</tool_call>' }, "stop"),
      ]);
    });
    const reply = await mind.reply({ ...ask, tools });
    expect(reply.calls).toEqual([{ name: "add", arguments: { a: 2 } }]);
    await mind.reply({ ...ask, tools });
    expect(server?.seen).toHaveLength(3);
    expect(JSON.stringify(server?.seen[1]?.body["messages"])).toContain("<tools>");
  });

  it("sends a schema as response_format and does without when that is refused", async () => {
    const mind = await brain((seen, response) => {
      if (seen.body["response_format"]) {
        response.writeHead(400);
        return void response.end('{"error": "unknown field response_format"}');
      }
      stream(response, [delta({ content: "{}" }, "stop")]);
    });
    expect((await mind.reply({ ...ask, form: { kind: "schema", schema: { type: "object" } } })).text).toBe("{}");
  });

  it("keeps the key to its own server", async () => {
    const mind = await brain(
      (_, response) => void response.writeHead(307, { location: "http://127.0.0.1:9/steal" }).end(),
      {
        key: () => Promise.resolve("secret"),
      },
    );
    expect((await failure(mind.reply(ask))).code).toBe("network");
    expect(server?.seen[0]?.headers.authorization).toBe("Bearer secret");
    expect(() => new ServerBrain({ url: "http://user:pass@localhost/v1", model: "x" })).toThrow(/no name or password/);
    expect(() => new ServerBrain({ url: "file:///etc/passwd", model: "x" })).toThrow(/no address/);
  });
});

describe("a server that misbehaves", () => {
  it("drops the connection in mid-stream", async () => {
    const mind = await brain((_, response) => {
      response.writeHead(200);
      event(response, delta({ content: "Half an ans" }));
      setTimeout(() => response.destroy(), 20);
    });
    const { code, message } = await failure(mind.reply(ask));
    expect(code).toBe("network");
    expect(message).toMatch(/dropped the connection after 11 characters/);
  });

  it("is not there", async () => {
    const mind = new ServerBrain({ url: "http://127.0.0.1:9/v1", model: "x" });
    expect(await failure(mind.reply(ask))).toMatchObject({
      code: "network",
      message: expect.stringMatching(/cannot be reached/) as string,
    });
  });

  it("falls silent", async () => {
    const mind = await brain((_, response) => void response.writeHead(200).write(": wait\n\n"), { idleMs: 50 });
    expect((await failure(mind.reply(ask))).code).toBe("timeout");
  });

  it("never stops talking", async () => {
    const mind = await brain(
      (_, response) => {
        response.writeHead(200);
        const more = () => {
          if (!response.destroyed)
            response.write(`data: ${JSON.stringify(delta({ content: "x".repeat(10_000) }))}\n\n`, () =>
              setImmediate(more),
            );
        };
        more();
      },
      { replyBytes: 50_000 },
    );
    const reply = await mind.reply(ask);
    expect(reply.stop).toBe("max");
    expect(reply.text.length).toBeLessThan(80_000);
  });

  it.each([
    [401, "{}", "notAllowed"],
    [404, "no such model", "brainFailure"],
    [400, '{"error": {"message": "This model\'s maximum context length is 4096 tokens"}}', "contextFull"],
    [500, "<html>oops</html>", "brainFailure"],
  ] as const)("answers %i", async (status, body, code) => {
    const mind = await brain((_, response) => void response.writeHead(status).end(body));
    expect((await failure(mind.reply(ask))).code).toBe(code);
  });

  it.each([
    ["no JSON", "{broken", "brainFailure"],
    ["an error in the stream", { error: { message: "out of memory" } }, "brainFailure"],
  ] as const)("sends %s", async (_, data, code) => {
    const mind = await brain((__, response) => stream(response, [data]));
    expect((await failure(mind.reply(ask))).code).toBe(code);
  });

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["choices of nonsense", '{"choices": [null]}'],
    [
      "a delta of nonsense",
      '{"choices": [{"delta": {"tool_calls": [null, {"index": 1e9, "function": 5}], "content": 7}}]}',
    ],
  ])("sends %s without harm", async (_, data) => {
    const mind = await brain((__, response) => stream(response, [data, delta({ content: "ok" }, "stop")]));
    const result = await mind.reply(ask).then(
      (reply) => reply.text,
      (error: unknown) => (error as VitrineError).code,
    );
    expect(["ok", "brainFailure"]).toContain(result);
  });

  it("breaks a call's JSON", async () => {
    const mind = await brain((_, response) =>
      stream(response, [
        delta({ tool_calls: [{ index: 0, function: { name: "add", arguments: '{"a": ' } }] }, "length"),
      ]),
    );
    const reply = await mind.reply({ ...ask, tools });
    expect(reply.calls).toEqual([]);
    expect(reply.problem).toMatch(/cut off/);
  });

  it("is stopped by the user", async () => {
    const abort = new AbortController();
    const mind = await brain((_, response) => {
      response.writeHead(200);
      event(response, delta({ content: "a" }));
      setTimeout(() => abort.abort(), 10);
    });
    expect((await failure(mind.reply(ask, { signal: abort.signal }))).code).toBe("cancelled");
  });
});
