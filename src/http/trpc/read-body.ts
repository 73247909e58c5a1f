import type { IncomingMessage } from "node:http";

const NO_BODY = Buffer.alloc(0);

/** Reads a body to its end, or returns null as soon as it is longer than the limit. Errors: those of the connection. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const { method, headers } = request;
  const length = headers["content-length"];
  if (Number(length ?? 0) > maxBytes) return null;
  const hasBody = length !== undefined || headers["transfer-encoding"] !== undefined;
  // Only mutations have inputs in their body, and tRPC takes them by POST only.
  if (!hasBody || method !== "POST") return NO_BODY;
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const end = (finish: () => void) => {
      request.removeListener("data", onData);
      request.removeListener("end", onEnd);
      request.removeListener("error", onError);
      request.removeListener("close", onClose);
      finish();
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      chunks.push(chunk);
      if (received <= maxBytes) return;
      // The connection stays, because the answer has to get out.
      request.pause();
      end(() => resolve(null));
    };
    const onEnd = () => end(() => resolve(Buffer.concat(chunks)));
    const onError = (error: Error) => end(() => reject(error));
    const onClose = () =>
      end(() => reject(Object.assign(new Error("aborted"), { code: "ECONNRESET" })));
    request.on("data", onData);
    request.once("end", onEnd);
    request.once("error", onError);
    request.once("close", onClose);
  });
}
