import { once } from "node:events";
import type { createZstdDecompress, InflateRaw } from "node:zlib";

type Decoder = ReturnType<typeof createZstdDecompress> | InflateRaw;

/**
 * Writes to the decoder until its frame ends, and returns the bytes after the frame.
 * Errors: the decoder's and the source's, which whoever reads the decoder is told of, too.
 */
export function feedFrame(
  decoder: Decoder,
  pending: Buffer[],
  source: AsyncIterator<Buffer>,
): Promise<Buffer[]> {
  const feeding = feed(decoder, pending, source);
  // The caller waits for it after it has read the decoder; until then a failure must not count as unhandled.
  feeding.catch(() => undefined);
  return feeding;
}

async function feed(
  decoder: Decoder,
  pending: Buffer[],
  source: AsyncIterator<Buffer>,
): Promise<Buffer[]> {
  const queue = [...pending];
  /** Chunks that were written and may not be consumed yet. */
  const written: Buffer[] = [];
  let consumedBefore = 0;
  const dropConsumed = () => {
    for (let first = written[0]; first !== undefined; first = written[0]) {
      if (consumedBefore + first.length > decoder.bytesWritten) return;
      consumedBefore += first.length;
      written.shift();
    }
  };
  try {
    while (!decoder.readableEnded && !decoder.destroyed) {
      let chunk = queue.shift();
      if (chunk === undefined) {
        const next = await source.next();
        if (next.done === true) {
          decoder.end();
          break;
        }
        chunk = next.value;
      }
      if (decoder.readableEnded || decoder.destroyed) {
        queue.unshift(chunk);
        break;
      }
      written.push(chunk);
      if (!decoder.write(chunk)) {
        const waiting = new AbortController();
        const { signal } = waiting;
        await Promise.race([
          once(decoder, "drain", { signal }),
          once(decoder, "close", { signal }),
        ]);
        // Removes the other listener.
        waiting.abort();
      }
      dropConsumed();
    }
  } catch (error) {
    decoder.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  if (!decoder.closed) await once(decoder, "close");
  dropConsumed();
  const rest = Buffer.concat(written).subarray(decoder.bytesWritten - consumedBefore);
  return [...(rest.length > 0 ? [rest] : []), ...queue];
}
