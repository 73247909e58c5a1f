import * as fc from "fast-check";
import { exampleOf } from "../../src/reference/examples.ts";
import { hostileValue, mutated, sentText } from "./hostile-json.ts";
import type { ListedProcedure } from "./procedures.ts";
import { type FieldHints, inputsFor } from "./schema-arbitrary.ts";

/** A request to be sent, with whose token. */
export interface FuzzRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly caller: "anonymous" | "user" | "admin" | "forged";
  /** Calls in it. */
  readonly calls: number;
}

const UNUSUAL_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { accept: "application/jsonl" },
  { "trpc-accept": "application/jsonl" },
  { accept: "text/event-stream", "last-event-id": "1" },
  { "accept-encoding": "br;q=x, gzip;q=0,,;" },
  { "if-none-match": '*, W/"', "x-request-id": "<b>" },
  { "x-forwarded-for": "1.2.3.4, ::ffff:1.2.3.4, '", forwarded: "for=_x" },
  { origin: "null", "access-control-request-method": "BREW" },
  { "x-http-method-override": "DELETE", "x-trpc-source": "\u00ff" },
  { cookie: "a=b; __proto__=c", "x-request-id": "x".repeat(2_000) },
  { expect: "100-continue" },
];
const CONTENT_TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "multipart/form-data; boundary=x",
  "application/octet-stream",
  "application/json; charset=utf-16",
  "application/jsonl",
  ";",
];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];

/** Where a query string goes wrong. */
const QUERY_TRICKS = [
  "&input=%7B%7D",
  "&batch=1",
  "&batch=2",
  "&batch=1&batch=1",
  "&%",
  "%ff%fe",
  "&input",
  "&__proto__[x]=1",
  "#x",
  "&connectionParams=%7B%22a%22:1%7D",
  "&connectionParams=x",
];

const caller = (auth: ListedProcedure["auth"]): fc.Arbitrary<FuzzRequest["caller"]> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constant(auth === "admin" ? ("admin" as const) : ("user" as const)),
    },
    { weight: 1, arbitrary: fc.constantFrom("anonymous", "user", "forged") },
    { weight: auth === "public" ? 6 : 1, arbitrary: fc.constant("anonymous" as const) },
  );

/** Requests to one procedure: about half of them well-formed, the others wrong in their input or in their HTTP. */
export function requestsTo(
  procedure: ListedProcedure,
  hints: FieldHints,
): fc.Arbitrary<FuzzRequest> {
  const example = exampleOf(procedure.path, procedure.input);
  const random = inputsFor(procedure.input, hints);
  // The reference's example reaches what random values never hit, so that a new procedure needs no hints.
  const inputs =
    example?.input === undefined || example.take !== undefined
      ? random
      : fc.oneof(
          { weight: 7, arbitrary: random },
          { weight: 1, arbitrary: fc.constant(example.input) },
        );
  const text = sentText(
    fc.oneof(
      { weight: 8, arbitrary: inputs },
      { weight: 5, arbitrary: mutated(inputs) },
      { weight: 1, arbitrary: hostileValue },
    ),
  );
  const common = {
    // Mostly the administrator's account is erased: the user's scans are wanted.
    caller: caller(procedure.path === "account.erase" ? "admin" : procedure.auth),
    headers: fc.oneof(
      { weight: 9, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constantFrom(...UNUSUAL_HEADERS) },
    ),
    trick: fc.oneof(
      { weight: 19, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom(...QUERY_TRICKS) },
    ),
    method: fc.oneof(
      { weight: 29, arbitrary: fc.constant(procedure.isMutation ? "POST" : "GET") },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    contentType: fc.oneof(
      { weight: 29, arbitrary: fc.constant("application/json") },
      { weight: 1, arbitrary: fc.constantFrom(...CONTENT_TYPES) },
    ),
  };
  const single = fc.record({ ...common, text }).map(({ text, ...parts }): FuzzRequest => {
    const inBody = parts.method !== "GET" && parts.method !== "HEAD";
    return assemble(parts, {
      path: procedure.path,
      query: inBody ? "" : `?input=${encoded(text)}`,
      body: inBody ? text : undefined,
      calls: 1,
    });
  });
  const batch = fc
    .record({ ...common, texts: fc.array(text, { minLength: 1, maxLength: 11 }) })
    .map(({ texts, ...parts }): FuzzRequest => {
      const inputs = `{${texts.map((one, i) => `"${i}":${one === "" ? "null" : one}`).join(",")}}`;
      const inBody = parts.method !== "GET" && parts.method !== "HEAD";
      return assemble(parts, {
        path: texts.map(() => procedure.path).join(","),
        query: `?batch=1${inBody ? "" : `&input=${encoded(inputs)}`}`,
        body: inBody ? inputs : undefined,
        calls: texts.length,
      });
    });
  return fc.oneof({ weight: 14, arbitrary: single }, { weight: 1, arbitrary: batch });
}

function assemble(
  parts: {
    readonly caller: FuzzRequest["caller"];
    readonly headers: Readonly<Record<string, string>>;
    readonly trick: string;
    readonly method: string;
    readonly contentType: string;
  },
  call: { path: string; query: string; body: string | undefined; calls: number },
): FuzzRequest {
  const { caller, headers, trick, method, contentType } = parts;
  const query = trick === "" || call.query !== "" ? call.query : "?";
  return {
    method,
    target: `/trpc/${call.path}${query}${trick}`,
    headers: { "content-type": contentType, ...headers },
    body: call.body,
    caller,
    calls: call.calls,
  };
}

function encoded(text: string): string {
  // Half a surrogate pair cannot be written in an address: it goes as its escape, as JSON.stringify has it.
  return encodeURIComponent(text.toWellFormed());
}

/** Whole HTTP requests as bytes, one or several on a connection, damaged in some places. */
export function damagedRequests(tokens: readonly string[]): fc.Arbitrary<Buffer> {
  const scan = '{"id":"5ca00000-0000-4000-8000-0000000000ff","barcode":"4006381333931"}';
  const requests = [
    "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "GET /trpc/store.nearby?input=%7B%22latitude%22%3A48.85%2C%22longitude%22%3A2.35%7D HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET /trpc/certifier.list,boycott.list?batch=1&input=%7B%7D HTTP/1.1\r\nhost: x\r\naccept-encoding: br\r\n\r\n",
    `GET http://x/trpc/additive.byCode?input=${"%7B".repeat(200)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
    "CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET /trpc/store.search HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
    `GET /trpc/certifier.list HTTP/1.1\r\nhost: x\r\n${"x: y\r\n".repeat(300)}\r\n`,
    `GET /trpc/certifier.list HTTP/1.1\r\nhost: x\r\nx: ${"z".repeat(33_000)}\r\n\r\n`,
    `GET /trpc/${"a,".repeat(3_000)}?batch=1 HTTP/1.1\r\nhost: x\r\n\r\n`,
    ...tokens.flatMap((token) => [
      `POST /trpc/scans.record HTTP/1.1\r\nhost: x\r\nauthorization: ${token}\r\ncontent-type: application/json\r\ncontent-length: ${scan.length}\r\n\r\n${scan}`,
      `POST /trpc/scans.record HTTP/1.1\r\nhost: x\r\nauthorization: ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${scan.length.toString(16)}\r\n${scan}\r\n0\r\n\r\n`,
      `GET /trpc/account.export HTTP/1.1\r\nhost: x\r\nauthorization: ${token}\r\nconnection: keep-alive\r\n\r\n`,
    ]),
  ];
  const damage = fc.record({
    at: fc.nat(40_000),
    kind: fc.constantFrom("flip", "insert", "delete", "cut", "repeat"),
    byte: fc.nat(255),
    length: fc.integer({ min: 1, max: 40 }),
  });
  return fc
    .tuple(
      fc.array(fc.constantFrom(...requests), { minLength: 1, maxLength: 4 }),
      fc.array(damage, { maxLength: 5 }),
    )
    .map(([parts, damages]) => {
      let bytes = Buffer.from(parts.join(""), "latin1");
      for (const { at, kind, byte, length } of damages) {
        // Mostly near the beginning, where the request lines and headers are.
        const place = at % Math.max(1, Math.min(bytes.length, at % 3 === 0 ? bytes.length : 300));
        const before = bytes.subarray(0, place);
        const piece = bytes.subarray(place, place + length);
        const after = bytes.subarray(place + length);
        if (kind === "flip") {
          bytes = Buffer.concat([before, Buffer.from([byte]), bytes.subarray(place + 1)]);
        } else if (kind === "insert") {
          bytes = Buffer.concat([before, Buffer.alloc(length, byte), bytes.subarray(place)]);
        } else if (kind === "delete") bytes = Buffer.concat([before, after]);
        else if (kind === "cut") bytes = Buffer.from(before);
        else bytes = Buffer.concat([before, piece, piece, piece, after]);
      }
      return bytes;
    });
}
