import http from "node:http";
import { problemWith } from "./answer-judge.ts";
import type { FuzzRequest } from "./fuzz-requests.ts";
import { connectRaw } from "./raw-http.ts";

const RAW_ANSWER_MS = 3_000;

/** Sends a request like a client, and returns the fault of the answer. */
export function sendFuzz(
  url: string,
  agent: http.Agent,
  request: FuzzRequest,
  token: string | undefined,
): Promise<string | null> {
  const { hostname, port } = new URL(url);
  const { method, target, body } = request;
  return new Promise((resolve) => {
    const sent = http.request(
      {
        agent,
        hostname,
        port,
        method,
        path: target.replaceAll(/[^\u0021-\u007e]/g, "?"),
        headers: {
          ...request.headers,
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
          ...(token === undefined ? {} : { authorization: token }),
        },
        timeout: 20_000,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", (error) => resolve(`the answer broke off: ${error.message}`));
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const isCoded = answer.headers["content-encoding"] !== undefined;
          const isStream = request.headers["trpc-accept"] ?? request.headers["accept"];
          const isShaped = method !== "HEAD" && !isCoded && isStream === undefined;
          resolve(problemWith(answer.statusCode ?? 0, text, isShaped));
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer in 20 s")));
    sent.on("error", (error: NodeJS.ErrnoException) =>
      resolve(isOurDoing(error, method) ? null : error.message),
    );
    sent.end(body);
  });
}

/** Whether a failed request is the client's fault: rejected while it was sent, or a HEAD answer with a body. */
function isOurDoing({ code }: NodeJS.ErrnoException, method: string): boolean {
  return (
    code === "EPIPE" ||
    code === "ECONNRESET" ||
    (method === "HEAD" && code === "HPE_CLOSED_CONNECTION")
  );
}

/** Sends bytes on a connection of their own, and returns the fault of the answers. */
export async function sendRawFuzz(url: string, bytes: Buffer): Promise<string | null> {
  const connection = await connectRaw(url);
  connection.send(bytes);
  connection.finish();
  const wire = await connection.received(RAW_ANSWER_MS);
  for (const [, status] of wire.matchAll(/(?:^|\})HTTP\/1\.1 (\d{3}) /g)) {
    const problem = status === "100" ? null : problemWith(Number(status), wire, false);
    if (problem !== null) return problem;
  }
  return null;
}
