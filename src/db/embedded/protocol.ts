/** An in-process engine with one session, which reads and writes bytes of the PostgreSQL protocol. */
export type ProtocolEngine = {
  execute(message: Uint8Array, onData: (bytes: Uint8Array) => void): Promise<void>;
  inTransaction(): boolean;
};

/** The connection to one client. */
export type ProtocolPeer = { send(bytes: Buffer): void; close(): void };

export type ProtocolConnection = { receive(bytes: Buffer): void; closed(): void };

export type ProtocolServer = {
  connect(peer: ProtocolPeer): ProtocolConnection;
  /** Runs a task while no client has an open transaction or an incomplete query. */
  whenIdle(task: () => Promise<void>): Promise<void>;
};

type Frame = { kind: "startup" | "cancel" | "encryption" | "message"; bytes: Buffer };

type Client = ProtocolPeer & {
  buffer: Buffer;
  frames: Frame[];
  started: boolean;
  open: boolean;
  /** Whether the client is inside an extended query, before its Sync. */
  midQuery: boolean;
  /** The messages of a COPY … FROM STDIN whose data are incomplete. */
  copy: Buffer[] | undefined;
};

const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const MAX_MESSAGE_BYTES = 512 * 1024 * 1024;

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const ROLLBACK = simpleQuery("ROLLBACK");
/** CopyInResponse (text format, no column descriptions), after which a client sends its data. */
const COPY_IN_RESPONSE = Buffer.from([0x47, 0, 0, 0, 7, 0, 0, 0]);
const COPY_FROM_STDIN = /^\s*copy\b[^;]*\bfrom\s+stdin\b[^;]*;?\s*$/i;

function simpleQuery(text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.write("Q");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/**
 * Splits the next complete message off a client's bytes; returns null while it is incomplete.
 * Errors: RangeError for an impossible length.
 */
export function takeFrame(buffer: Buffer, started: boolean): { frame: Frame; rest: Buffer } | null {
  const lengthAt = started ? 1 : 0;
  if (buffer.length < lengthAt + 4) return null;
  const length = buffer.readUInt32BE(lengthAt);
  if (length < (started ? 4 : 8) || length > MAX_MESSAGE_BYTES) {
    throw new RangeError(`protocol message of ${length} bytes`);
  }
  const end = lengthAt + length;
  if (buffer.length < end) return null;
  const bytes = buffer.subarray(0, end);
  const rest = buffer.subarray(end);
  if (started) return { frame: { kind: "message", bytes }, rest };
  const code = bytes.readUInt32BE(4);
  const kind =
    code === CANCEL_REQUEST
      ? "cancel"
      : code === SSL_REQUEST || code === GSS_REQUEST
        ? "encryption"
        : "startup";
  return { frame: { kind, bytes }, rest };
}

/** Removes the messages of some types from an engine's answer. */
export function withoutMessages(bytes: Buffer, types: string): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    if (!types.includes(String.fromCharCode(bytes[at] ?? 0))) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/**
 * Lets several clients share an engine with a single session. A client owns the session from the first message of a
 * query to its end, or to the end of its transaction. A lost client's transaction is rolled back.
 */
export function createProtocolServer(engine: ProtocolEngine): ProtocolServer {
  const clients = new Set<Client>();
  const waiting: (Client | (() => Promise<void>))[] = [];
  let owner: Client | undefined;
  let busy = false;

  const enqueue = (client: Client) => {
    if (client !== owner && !waiting.includes(client)) waiting.push(client);
    void pump();
  };

  const drop = (client: Client) => {
    client.open = false;
    client.frames = [];
    client.copy = undefined;
    clients.delete(client);
    void pump();
  };

  async function pump(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      for (;;) {
        if (owner !== undefined && !owner.open) {
          owner = undefined;
          await engine.execute(SYNC, () => undefined);
          if (engine.inTransaction()) await engine.execute(ROLLBACK, () => undefined);
        }
        if (owner === undefined) {
          const next = waiting.shift();
          if (next === undefined) return;
          if (typeof next === "function") {
            await next();
            continue;
          }
          if (next.frames.length === 0) continue;
          owner = next;
        }
        const client = owner;
        const frame = client.frames.shift();
        if (frame === undefined) return;
        if (await run(client, frame)) {
          owner = undefined;
          if (client.frames.length > 0) waiting.push(client);
        }
      }
    } finally {
      busy = false;
    }
  }

  /** Processes a message; returns whether the session is then free for another client. */
  async function run(client: Client, frame: Frame): Promise<boolean> {
    const type = frame.kind === "startup" ? "" : String.fromCharCode(frame.bytes[0] ?? 0);
    if (client.copy !== undefined) {
      // PostgreSQL also ignores Flush and Sync during a COPY.
      if (type === "H" || type === "S") return false;
      client.copy.push(frame.bytes);
      if (type === "d") return false;
      const message = Buffer.concat(client.copy);
      client.copy = undefined;
      client.send(withoutMessages(await execute(client, message), "G"));
      return isFree(client);
    }
    // Copy data after a failed COPY; PostgreSQL ignores them as well.
    if (type === "d" || type === "c" || type === "f") return isFree(client);
    if (
      type === "Q" &&
      COPY_FROM_STDIN.test(frame.bytes.toString("utf8", 5, frame.bytes.length - 1))
    ) {
      // The engine reads a COPY's data in one piece only, so they are collected first.
      client.copy = [frame.bytes];
      client.send(COPY_IN_RESPONSE);
      return false;
    }
    const answer = await execute(client, frame.bytes);
    client.midQuery = type !== "" && type !== "Q" && type !== "S";
    // After an error inside an extended query PGlite sends ReadyForQuery at once and again at the Sync. The client would
    // take the second for the end of its next query.
    client.send(client.midQuery ? withoutMessages(answer, "Z") : answer);
    return isFree(client);
  }

  const isFree = (client: Client) => !client.midQuery && !engine.inTransaction();

  async function execute(client: Client, message: Uint8Array): Promise<Buffer> {
    const answer: Buffer[] = [];
    try {
      // Copied, because the engine reuses its memory.
      await engine.execute(message, (bytes) => answer.push(Buffer.from(bytes)));
    } catch {
      // Nobody knows where the answer stopped, so only a new connection restores the client's state.
      client.close();
      drop(client);
    }
    return Buffer.concat(answer);
  }

  return {
    connect(peer) {
      const client: Client = {
        send: (bytes) => peer.send(bytes),
        close: () => peer.close(),
        buffer: Buffer.alloc(0),
        frames: [],
        started: false,
        open: true,
        midQuery: false,
        copy: undefined,
      };
      clients.add(client);
      const receiveFrame = (frame: Frame) => {
        if (frame.kind === "encryption") {
          client.send(Buffer.from("N"));
        } else if (frame.kind === "cancel" || (client.started && frame.bytes[0] === 0x58)) {
          client.close();
        } else {
          client.started = true;
          client.frames.push(frame);
        }
      };
      return {
        receive(bytes) {
          if (!client.open) return;
          client.buffer =
            client.buffer.length === 0 ? bytes : Buffer.concat([client.buffer, bytes]);
          try {
            for (;;) {
              const taken = takeFrame(client.buffer, client.started);
              if (taken === null) break;
              client.buffer = taken.rest;
              receiveFrame(taken.frame);
            }
          } catch {
            client.close();
            drop(client);
            return;
          }
          if (client.frames.length > 0) enqueue(client);
        },
        closed: () => drop(client),
      };
    },
    whenIdle: (task) =>
      new Promise((resolve, reject) => {
        waiting.push(async () => {
          await task().then(resolve, reject);
        });
        void pump();
      }),
  };
}
