import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  createProtocolServer,
  type ProtocolEngine,
  takeFrame,
  withoutMessages,
} from "../../../../src/db/embedded/protocol.ts";

function message(type: string, body = ""): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

function untyped(code: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(8);
  bytes.writeUInt32BE(code, 4);
  return bytes;
}
const STARTUP = untyped(196_608);

/** An engine that answers each message with the message's type and text, and understands BEGIN and COMMIT. */
function fakeEngine() {
  const executed: string[] = [];
  let inTransaction = false;
  const engine: ProtocolEngine = {
    async execute(bytes, onData) {
      await Promise.resolve();
      const text =
        bytes[0] === 0
          ? "startup"
          : Buffer.from(bytes)
              .toString("latin1")
              .replaceAll(/[^A-Za-z]/g, "");
      executed.push(text);
      if (text.includes("crash")) throw new Error("engine");
      if (text.includes("BEGIN")) inTransaction = true;
      if (/COMMIT|ROLLBACK/.test(text)) inTransaction = false;
      onData(message("R", text));
      onData(message("Z", "I"));
    },
    inTransaction: () => inTransaction,
  };
  return { engine, executed };
}

function connect(server: ReturnType<typeof createProtocolServer>) {
  const sent: Buffer[] = [];
  const state = { closed: false };
  const connection = server.connect({
    send: (bytes) => sent.push(bytes),
    close: () => {
      state.closed = true;
    },
  });
  return { connection, sent, state };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("takeFrame finds the same messages for any split of the bytes", () => {
  const messages = fc.array(fc.tuple(fc.constantFrom("P", "B", "E", "S", "Q"), fc.string()), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(
      messages,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (pairs, cuts) => {
        const expected = pairs.map(([type, body]) => message(type, body));
        const all = Buffer.concat(expected);
        const found: Buffer[] = [];
        let buffer = Buffer.alloc(0);
        for (let at = 0, cut = 0; at < all.length; cut += 1) {
          const length = cuts[cut % cuts.length] ?? 1;
          buffer = Buffer.concat([buffer, all.subarray(at, at + length)]);
          at += length;
          for (
            let taken = takeFrame(buffer, true);
            taken !== null;
            taken = takeFrame(buffer, true)
          ) {
            found.push(taken.frame.bytes);
            buffer = Buffer.from(taken.rest);
          }
        }
        expect(found).toEqual(expected);
        expect(buffer).toHaveLength(0);
      },
    ),
  );
});

test("takeFrame rejects an impossible length", () => {
  expect(() => takeFrame(Buffer.from([0x51, 0, 0, 0, 3]), true)).toThrow(RangeError);
  expect(() => takeFrame(Buffer.from([0x51, 255, 255, 255, 255]), true)).toThrow(RangeError);
  expect(() => takeFrame(Buffer.from([0, 0, 0, 7, 0, 0, 0, 0]), false)).toThrow(RangeError);
});

test("the server declines encryption, and closes on a cancel request, a terminate message and garbage", async () => {
  const server = createProtocolServer(fakeEngine().engine);
  const polite = connect(server);
  polite.connection.receive(Buffer.concat([untyped(80_877_103), STARTUP]));
  await settle();
  expect(polite.sent[0]?.toString()).toBe("N");
  expect(polite.sent[1]?.toString()).toContain("startup");
  polite.connection.receive(message("X"));
  expect(polite.state.closed).toBe(true);
  const cancelling = connect(server);
  cancelling.connection.receive(untyped(80_877_102));
  expect(cancelling.state.closed).toBe(true);
  const hostile = connect(server);
  hostile.connection.receive(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  expect(hostile.state.closed).toBe(true);
});

test("a client's query and transaction are not interrupted by another client's", async () => {
  const { engine, executed } = fakeEngine();
  const server = createProtocolServer(engine);
  const [a, b] = [connect(server), connect(server)];
  a.connection.receive(STARTUP);
  b.connection.receive(STARTUP);
  await settle();
  executed.length = 0;
  a.connection.receive(message("P", "a"));
  await settle();
  b.connection.receive(message("Q", "b"));
  await settle();
  expect(executed).toEqual(["Pa"]);
  a.connection.receive(message("S"));
  await settle();
  expect(executed).toEqual(["Pa", "S", "Qb"]);
  a.connection.receive(message("Q", "BEGIN"));
  b.connection.receive(message("Q", "later"));
  await settle();
  a.connection.receive(Buffer.concat([message("Q", "mine"), message("Q", "COMMIT")]));
  await settle();
  expect(executed.slice(3)).toEqual(["QBEGIN", "Qmine", "QCOMMIT", "Qlater"]);
});

test("the server sends ReadyForQuery once for each query, at its end", async () => {
  const { connection, sent } = connect(createProtocolServer(fakeEngine().engine));
  connection.receive(
    Buffer.concat([STARTUP, message("P", "p"), message("E", "e"), message("S"), message("Q", "q")]),
  );
  await settle();
  const types = Buffer.concat(sent)
    .toString("latin1")
    .match(/[RZ](?=\0)/g);
  expect(types?.join("")).toBe("RZRRRZRZ");
});

test("the transaction of a lost client is rolled back", async () => {
  const { engine, executed } = fakeEngine();
  const server = createProtocolServer(engine);
  const [lost, next] = [connect(server), connect(server)];
  lost.connection.receive(Buffer.concat([STARTUP, message("Q", "BEGIN"), message("P", "half")]));
  await settle();
  next.connection.receive(STARTUP);
  lost.connection.closed();
  await settle();
  expect(executed).toEqual(["startup", "QBEGIN", "Phalf", "S", "QROLLBACK", "startup"]);
});

test("the data of a COPY are collected before the engine receives them", async () => {
  const { engine, executed } = fakeEngine();
  const { connection, sent } = connect(createProtocolServer(engine));
  connection.receive(
    Buffer.concat([STARTUP, message("Q", "copy t from stdin\0"), message("d", "one")]),
  );
  await settle();
  expect(executed).toEqual(["startup"]);
  expect(sent.at(-1)?.[0]).toBe("G".charCodeAt(0));
  connection.receive(
    Buffer.concat([message("d", "two"), message("c"), message("f", "stray"), message("Q", "x")]),
  );
  await settle();
  expect(executed.slice(1)).toEqual(["Qcopytfromstdindonedtwoc", "Qx"]);
});

test("an error of the engine closes only that client's connection", async () => {
  const { engine, executed } = fakeEngine();
  const server = createProtocolServer(engine);
  const [a, b] = [connect(server), connect(server)];
  a.connection.receive(Buffer.concat([STARTUP, message("Q", "crash")]));
  await settle();
  expect(a.state.closed).toBe(true);
  b.connection.receive(Buffer.concat([STARTUP, message("Q", "fine")]));
  await settle();
  expect(executed.at(-1)).toBe("Qfine");
});

test("an idle task waits for the end of a transaction", async () => {
  const { engine, executed } = fakeEngine();
  const server = createProtocolServer(engine);
  const { connection } = connect(server);
  connection.receive(Buffer.concat([STARTUP, message("Q", "BEGIN")]));
  await settle();
  const idle = server.whenIdle(() => Promise.resolve(void executed.push("idle")));
  connection.receive(message("Q", "COMMIT"));
  await idle;
  expect(executed.slice(-2)).toEqual(["QCOMMIT", "idle"]);
  await expect(server.whenIdle(() => Promise.reject(new Error("task")))).rejects.toThrow("task");
});

test("withoutMessages removes only the given message types", () => {
  const answer = Buffer.concat([
    message("N", "n"),
    message("G", "abc"),
    message("C", "COPY 1"),
    message("Z", "I"),
  ]);
  expect(withoutMessages(answer, "G")).toEqual(
    Buffer.concat([message("N", "n"), message("C", "COPY 1"), message("Z", "I")]),
  );
});
