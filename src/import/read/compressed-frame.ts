import { once } from "node:events";
import type { createZstdDecompress, InflateRaw } from "node:zlib";

/** Writes to the decoder until its frame ends, and returns the bytes after the frame. */
export async function feedFrame(
  decoder: ReturnType<typeof createZstdDecompress> | InflateRaw,
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
