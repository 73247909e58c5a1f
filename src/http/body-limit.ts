import type { Context, MiddlewareHandler } from "hono";

/**
 * Refuses bodies over a limit. One that says how long it is is not read for that; one that comes in chunks is read
 * here, no further than the limit.
 */
export function limitBody(maxBytes: number, refuse: (c: Context) => Response): MiddlewareHandler {
  return async (c, next) => {
    const announced = c.req.header("content-length");
    if (announced !== undefined) return Number(announced) > maxBytes ? refuse(c) : await next();
    const { raw } = c.req;
    const stream = c.req.header("transfer-encoding") === undefined ? null : raw.body;
    if (stream === null) return await next();
    const bytes = await readUpTo(stream, maxBytes);
    if (bytes === null) return refuse(c);
    // The server's light request cannot be given another body: this is one of Node's own.
    const { method, headers, signal } = raw;
    c.req.raw = new Request(raw.url, { method, headers, signal, body: bytes });
    return await next();
  };
}

/** Reads a stream to its end, or gives null as soon as it is longer than the limit. */
async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Not `for await`, which would cancel the stream at the limit, and the connection with it: the answer must get out.
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > maxBytes) return null;
    chunks.push(part.value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
