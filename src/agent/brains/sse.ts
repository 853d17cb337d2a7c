import { fail } from "../../contract/errors";

export interface SseLimits {
  /** Characters of one event. */
  event: number;
  /** Bytes altogether. */
  bytes: number;
  /** Milliseconds without a byte. */
  idleMs: number;
}

/**
 * The `data` of each server-sent event (WHATWG HTML, "Server-sent events"). Fails with `timeout` when nothing comes for
 * a while, `network` when the connection drops, `tooLarge` when there is too much. Ends at `[DONE]` or the stream's end.
 */
export async function* sseData(body: ReadableStream<Uint8Array>, limits: SseLimits): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), limits.idleMs);
      bytes += value?.length ?? 0;
      if (bytes > limits.bytes) fail("tooLarge", `The server sent more than ${limits.bytes} bytes.`);
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = done ? "" : (lines.pop() ?? "");
      if (rest.length > limits.event)
        fail("tooLarge", `The server sent an event of more than ${limits.event} characters.`);
      for (const line of lines) {
        if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
        else if (line === "" && data.length > 0) {
          const text = data.join("\n");
          data = [];
          if (text === "[DONE]") return;
          yield text;
        }
      }
      if (done) {
        const text = data.join("\n");
        if (text !== "" && text !== "[DONE]") yield text;
        return;
      }
    }
  } finally {
    // The stream may have failed already; what is left of it is of no use either way.
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilentServer()), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    if (error instanceof SilentServer)
      fail("timeout", `The server sent nothing for ${Math.round(ms / 1000)} seconds.`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

class SilentServer extends Error {}
