import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  url: string;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
}

/** A server on the loopback interface that answers as `handle` says and remembers what it was asked. */
export class FakeServer {
  readonly seen: Seen[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(handle: (seen: Seen, response: ServerResponse, n: number) => void): Promise<FakeServer> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const seen = {
          url: request.url ?? "",
          headers: request.headers,
          body: (text ? JSON.parse(text) : {}) as Record<string, unknown>,
        };
        fake.seen.push(seen);
        handle(seen, response, fake.seen.length);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const fake = new FakeServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return fake;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function event(response: ServerResponse, value: unknown): void {
  response.write(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);
}

export function delta(content: Record<string, unknown>, finish: string | null = null): unknown {
  return { choices: [{ index: 0, delta: content, finish_reason: finish }] };
}

export function stream(response: ServerResponse, events: unknown[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  events.forEach((each) => event(response, each));
  event(response, "[DONE]");
  response.end();
}
