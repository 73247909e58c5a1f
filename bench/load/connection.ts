import { connect, type Socket } from "node:net";

/** The parts of an answer that the load generator counts. */
export interface Answer {
  readonly status: number;
  /** The header `x-cache`, or an empty string. */
  readonly cacheState: string;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const CHUNKED_END = Buffer.from("0\r\n\r\n");
const LENGTH = /\r\ncontent-length: *(\d+)/i;
/** Answers with such a status have no body. */
const BODILESS = new Set([204, 304]);
const CACHE_STATE = /\r\nx-cache: *(\w+)/i;
const RECONNECT_MS = 100;

/**
 * A keep-alive HTTP/1.1 connection on a bare socket, with one request at a time. An HTTP client would cost more for
 * each request than the server, and the measurement would be of the client.
 */
export class HttpConnection {
  readonly #host: string;
  readonly #port: number;
  readonly #onAnswer: (answer: Answer) => void;
  readonly #onLost: () => void;
  #socket: Socket | undefined;
  /** The beginning of an answer whose head is incomplete. */
  #head: Buffer | undefined;
  /** Missing bytes of the body; negative for a chunked answer. */
  #missingBytes = 0;
  /** The last bytes of a chunked answer: its end may arrive in two packets. */
  #tail: Buffer = Buffer.alloc(0);
  #answer: Answer | undefined;
  #waiting: Buffer | undefined;
  #busy = false;
  #closed = false;

  /** `onLost` is called when the connection closes before the answer to a request. */
  constructor(
    target: { readonly host: string; readonly port: number },
    onAnswer: (answer: Answer) => void,
    onLost: () => void,
  ) {
    this.#host = target.host;
    this.#port = target.port;
    this.#onAnswer = onAnswer;
    this.#onLost = onLost;
    this.#open();
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  send(request: Buffer): void {
    this.#busy = true;
    const socket = this.#socket;
    if (socket === undefined || socket.connecting) this.#waiting = request;
    else socket.write(request);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #open(): void {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.on("connect", () => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting !== undefined) socket.write(waiting);
    });
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = undefined;
      this.#head = undefined;
      this.#answer = undefined;
      this.#tail = Buffer.alloc(0);
      if (this.#closed) return;
      const wasLost = this.#busy && this.#waiting === undefined;
      setTimeout(
        () => {
          if (!this.#closed) this.#open();
        },
        wasLost ? 0 : RECONNECT_MS,
      );
      if (wasLost) {
        this.#busy = false;
        this.#onLost();
      }
    });
  }

  #receive(chunk: Buffer): void {
    if (this.#answer === undefined) {
      const start = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk]);
      const headBytes = start.indexOf(HEAD_END) + HEAD_END.length;
      if (headBytes < HEAD_END.length) {
        this.#head = start;
        return;
      }
      this.#head = undefined;
      const text = start.toString("latin1", 0, headBytes);
      const status = Number(text.slice(9, 12));
      this.#answer = { status, cacheState: CACHE_STATE.exec(text)?.[1] ?? "" };
      const length = BODILESS.has(status) ? "0" : LENGTH.exec(text)?.[1];
      this.#missingBytes = length === undefined ? -1 : Number(length) - (start.length - headBytes);
      if (length === undefined && !this.#isLastOf(start)) return;
    } else if (this.#missingBytes >= 0) this.#missingBytes -= chunk.length;
    else if (!this.#isLastOf(chunk)) return;
    if (this.#missingBytes > 0) return;
    const answer = this.#answer;
    this.#answer = undefined;
    this.#busy = false;
    this.#tail = Buffer.alloc(0);
    this.#onAnswer(answer);
  }

  /** Whether a chunked answer ends with these bytes. */
  #isLastOf(chunk: Buffer): boolean {
    this.#tail =
      chunk.length >= CHUNKED_END.length
        ? chunk.subarray(-CHUNKED_END.length)
        : Buffer.concat([this.#tail, chunk]).subarray(-CHUNKED_END.length);
    return this.#tail.equals(CHUNKED_END);
  }
}
