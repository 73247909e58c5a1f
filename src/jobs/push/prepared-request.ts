import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { unzipSync } from "node:zlib";

/** An answer with its body as text. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Why a request cannot be finished any more. */
export interface LostRequest {
  readonly message: string;
  /** The status of a server that answered before it had the whole request; null: the connection was lost. */
  readonly status: number | null;
}

/** A request of which the server has everything but the last byte. */
export interface PreparedRequest {
  /** Why the request cannot be finished any more; null while it can. */
  lost(): LostRequest | null;
  /** Writes the last byte before it returns. Errors: those of the connection; no answer in time. */
  finish(): Promise<HttpAnswer>;
  /** Drops the connection: the server discards the incomplete request. */
  abort(): void;
}

/** A request by POST. Units: milliseconds. */
export interface RequestParts {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** How long connecting and writing may take. */
  readonly connectMaxMs: number;
  /** How long the answer may take after the last byte. */
  readonly answerMaxMs: number;
}

/** Servers close idle connections, but hardly ever so soon. Units: milliseconds. */
const IDLE_MAX_MS = 4_000;
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

const agents = {
  http: new HttpAgent({ keepAlive: true, timeout: IDLE_MAX_MS }),
  https: new HttpsAgent({ keepAlive: true, timeout: IDLE_MAX_MS }),
};

/**
 * Opens a connection and writes a request except for the last byte of its body. A server may answer already now, with
 * an error as a rule; then the request is lost.
 * Errors: those of the connection, after which the server has no complete request.
 */
export async function prepareRequest(url: URL, parts: RequestParts): Promise<PreparedRequest> {
  const { body, connectMaxMs, answerMaxMs } = parts;
  const options = {
    method: "POST",
    headers: { ...parts.headers, "content-length": String(body.length) },
  };
  const request =
    url.protocol === "https:"
      ? httpsRequest(url, { ...options, agent: agents.https })
      : httpRequest(url, { ...options, agent: agents.http });
  const state: { isFinished: boolean; lost: LostRequest | null } = {
    isFinished: false,
    lost: null,
  };
  const answered = new Promise<HttpAnswer>((resolve, reject) => {
    const fail = (error: Error) => {
      if (!state.isFinished) state.lost ??= { message: error.message, status: null };
      reject(error);
    };
    request.on("error", fail);
    request.once("response", (response) => {
      if (state.isFinished) {
        readAnswer(response).then(resolve, reject);
        return;
      }
      const { statusCode: status = 0 } = response;
      state.lost ??= { message: `the server answered ${status} before it had the request`, status };
      request.destroy(new Error(state.lost.message));
    });
    request.once("close", () => {
      if (request.destroyed && !state.isFinished) fail(new Error("the connection was closed"));
    });
  });
  // Nobody waits for the answer of a request that is dropped.
  answered.catch(() => {});
  const written = new Promise<void>((resolve, reject) => {
    request.write(body.subarray(0, -1), (error) => (error ? reject(error) : resolve()));
  });
  const giveUp = (error: Error) => void request.destroy(error);
  try {
    await within(connectMaxMs, Promise.race([written, answered]), giveUp);
  } catch (error) {
    const isAnswered = state.lost !== null && state.lost.status !== null;
    if (!isAnswered) throw error;
  }
  return {
    lost: () => state.lost,
    abort: () => void request.destroy(),
    finish() {
      if (state.lost !== null) return Promise.reject(new Error(state.lost.message));
      state.isFinished = true;
      // Unlike `write`, `end` gives the byte to the socket at once.
      request.end(body.subarray(-1));
      return within(answerMaxMs, answered, giveUp);
    },
  };
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const bytes = await buffer(response);
  const isCompressed = /^(?:x-)?gzip$|^deflate$/i.test(response.headers["content-encoding"] ?? "");
  const plain = isCompressed ? unzipSync(bytes, { maxOutputLength: ANSWER_BYTES_MAX }) : bytes;
  return { status: response.statusCode ?? 0, text: plain.toString("utf8") };
}

/** Gives the outcome of work that is given up after some time. Errors: the work's; no end in time. */
export async function within<T>(
  maxMs: number,
  work: Promise<T>,
  giveUp: (error: Error) => void = () => {},
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error("no answer in time");
      giveUp(error);
      reject(error);
    }, maxMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
