import { createZstdDecompress } from "node:zlib";
import { feedFrame } from "./compressed-frame.ts";

/**
 * Decompresses zstd data with any number of frames. Node's stream silently stops after the first frame, and `pzstd`,
 * `cat a.zst b.zst` and seekable archives write several.
 * Errors: the decoder's, for data that are damaged or end too early.
 * Source: RFC 8878, section 3 (frames).
 */
export async function* decompressZstd(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = input[Symbol.asyncIterator]();
  let pending: Buffer[] = [];
  for (;;) {
    if (pending.length === 0) {
      const next = await source.next();
      if (next.done === true) return;
      pending = [next.value];
    }
    const decoder = createZstdDecompress();
    const feeding = feedFrame(decoder, pending, source);
    try {
      for await (const chunk of decoder) yield chunk as Buffer;
    } finally {
      decoder.destroy();
      // If the source failed, `feedFrame` has destroyed the decoder with the error.
      pending = await feeding.catch(() => []);
    }
  }
}
