import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, isIP, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

export interface ProxyOptions {
  /** Whether a connection to a host and port may be made to an address that the host's name gave. */
  reaches(host: string, port: string, address: string): boolean;
  /** Bytes that one connection may bring in. */
  limit?: number;
  /** Told of what was refused, and why. */
  onRefused(host: string, why: string): void;
}

export interface Proxy {
  server: string;
  username: string;
  password: string;
  close(): Promise<void>;
}

const connectTimeout = 20_000;

/**
 * The one door of the operator's browser to the network, on the loopback interface behind a password of its own. A name
 * is looked up here, once; every address it has is judged, and the connection is made to exactly that address. So no
 * redirect, frame, script, pop-up or second look-up of a name reaches this machine or its network.
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const username = "vitrine";
  const password = randomBytes(18).toString("hex");
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const sockets = new Set<Socket | Duplex>();
  const known = (message: IncomingMessage): boolean => message.headers["proxy-authorization"] === wanted;
  const server = createServer((incoming, response) => {
    if (!known(incoming)) return void response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
    forward(incoming, response, options).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  server.on("connect", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    if (!known(incoming)) {
      return void client.end(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
      );
    }
    tunnel(incoming.url ?? "", client, head, options, sockets).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    username,
    password,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The address to connect to; undefined, and told, where the host may not be reached. */
async function judged(host: string, port: string, options: ProxyOptions): Promise<string | undefined> {
  const plain = host.replace(/^\[|\]$/g, "");
  const found = isIP(plain) !== 0 ? [plain] : (await lookup(plain, { all: true })).map(({ address }) => address);
  const bad = found.find((address) => !options.reaches(plain, port, address));
  if (bad === undefined && found[0] !== undefined) return found[0];
  options.onRefused(`${host}:${port}`, "it is an address of this machine or its network");
  return undefined;
}

async function tunnel(
  target: string,
  client: Duplex,
  head: Buffer,
  options: ProxyOptions,
  sockets: Set<Socket | Duplex>,
): Promise<void> {
  const [, host = "", port = "443"] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(target) ?? [];
  const address = host === "" ? undefined : await judged(host, port, options);
  if (address === undefined) return void client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  const upstream = connect({ host: address, port: Number(port), timeout: connectTimeout });
  sockets.add(upstream);
  const end = (): void => {
    sockets.delete(upstream);
    upstream.destroy();
    client.destroy();
  };
  upstream.once("close", end).once("error", end);
  client.once("close", end).once("error", end);
  upstream.once("timeout", () => upstream.connecting && end());
  upstream.once("connect", () => {
    upstream.setTimeout(0);
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) upstream.write(head);
    counted(upstream, options.limit, () => {
      options.onRefused(host, "it sent more than is taken");
      end();
    });
    upstream.pipe(client);
    client.pipe(upstream);
  });
}

async function forward(incoming: IncomingMessage, response: ServerResponse, options: ProxyOptions): Promise<void> {
  const url = URL.canParse(incoming.url ?? "") ? new URL(incoming.url ?? "") : undefined;
  if (url?.protocol !== "http:") return void response.writeHead(400).end();
  const port = url.port || "80";
  const address = await judged(url.hostname, port, options);
  if (address === undefined) return void response.writeHead(403).end();
  const headers = { ...incoming.headers };
  delete headers["proxy-authorization"];
  delete headers["proxy-connection"];
  const upstream = request({
    host: address,
    port: Number(port),
    method: incoming.method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host },
    agent: false,
    timeout: connectTimeout,
  });
  upstream.once("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  upstream.once("response", (answer) => {
    answer.once("error", () => response.destroy());
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    counted(answer, options.limit, () => {
      options.onRefused(url.host, "it sent more than is taken");
      upstream.destroy();
      response.destroy();
    });
    answer.pipe(response);
  });
  response.once("close", () => upstream.destroy());
  incoming.pipe(upstream);
}

function counted(
  from: { on(event: "data", listener: (part: Buffer) => void): unknown },
  limit = 200_000_000,
  over: () => void,
): void {
  let bytes = 0;
  from.on("data", (part) => {
    bytes += part.length;
    if (bytes > limit) over();
  });
}
