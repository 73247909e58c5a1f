import { randomUUID } from "node:crypto";
import * as fc from "fast-check";

/** The exact parts of a request. */
export interface Sent {
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/** Unusual parts of URLs and header lines, mixed with usual ones. */
const noise = fc.string({
  unit: fc.constantFrom(..."aZ09 #%+&=?/\\;,.:@[]{}\"'|^`~\t\f\u0001\u00e9\u007f".split("")),
  maxLength: 6,
});

/** Values of a test's database and the Authorization fields of two users. */
interface Known {
  readonly storeId: string;
  readonly alice: string;
  readonly bob: string;
}

/** Requests for queries with and without a fast query: most are well-formed, many are unusual, and some are wrong. */
export function fastQueryRequests({ storeId, alice, bob }: Known): fc.Arbitrary<Sent> {
  const inputs: Readonly<Record<string, readonly unknown[]>> = {
    "store.nearby": [
      { latitude: 1, longitude: 2 },
      { latitude: 1, longitude: 2, limit: 1e3 },
      { latitude: 1, longitude: 2, minRating: 4, openNow: true },
      { latitude: 1, longitude: 2, minRating: 6 },
    ],
    "store.markers": [
      { latitude: 1, longitude: 2, storeType: "butcher" },
      { latitude: 1, longitude: 2, certifierIds: ["avs"], halalClaim: ["yes"] },
    ],
    "store.byId": [{ id: storeId }, { id: storeId.toUpperCase() }, { id: randomUUID() }],
    "certifier.list": [undefined, {}],
    "boycott.list": [undefined, {}],
    "additive.byCode": [{ code: "E471", madhab: "hanafi" }, { code: "e 471" }, { code: "" }],
    "alerts.list": [undefined, { limit: 2 }, { cursor: "" }, { cursor: null }],
    "alerts.unread": [undefined, null],
    "scans.stats": [undefined],
    "no.such": [undefined],
  };
  /** Mostly well-formed requests, because a parser is most likely to miss one single fault. */
  const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });
  const oddInput = fc.constantFrom<unknown>(null, 5, "x", true, [], [{}], {}, { 0: {} });
  const call = mostly(
    fc.constantFrom(...Object.keys(inputs).slice(0, -2)),
    fc.constantFrom(...Object.keys(inputs)),
  ).chain((path) =>
    fc.tuple(
      fc.constant(path),
      mostly(fc.constantFrom(...(inputs[path] ?? [undefined])), oddInput),
    ),
  );
  const written = fc.constantFrom<(json: string) => string>(
    encodeURIComponent,
    encodeURI,
    (json) => json.replaceAll(" ", "%20"),
    (json) => json.replaceAll(" ", "+"),
  );
  const query = fc
    .tuple(fc.array(call, { minLength: 1, maxLength: 3 }), fc.boolean())
    .chain(([calls, isBatch]) => {
      const entries = calls.flatMap(([, one], place) => (one === undefined ? [] : [[place, one]]));
      const [[firstPath, first] = ["", undefined]] = calls;
      const path = isBatch ? calls.map(([one]) => one).join(",") : firstPath;
      return fc.record({
        path: mostly(
          fc.constant(path),
          noise.map((some) => `${path}${some}`),
        ),
        input: mostly<unknown>(
          fc.constant(isBatch ? Object.fromEntries(entries) : first),
          oddInput,
        ),
        written,
        batch: mostly(
          fc.constant(isBatch ? "batch=1" : ""),
          fc.constantFrom("batch=1", "batch=0", "batch"),
        ),
        others: mostly(
          fc.constant<string[]>([]),
          fc.tuple(
            fc.oneof(noise, fc.constantFrom("input=", "input=1", "batch=1", "connectionParams=1")),
          ),
        ),
        order: fc.boolean(),
      });
    });
  const target = query.map(({ path, input: sent, written: write, batch, others, order }) => {
    const json: string | undefined = JSON.stringify(sent);
    const parts = [batch, json === undefined ? "" : `input=${write(json)}`, ...others];
    const all = parts.filter((part) => part !== "");
    const text = (order ? all : all.toReversed()).join("&");
    // Characters that end the request line are left out.
    return `/trpc/${path}${text === "" ? "" : "?"}${text}`.replaceAll(/[ \r\n]/g, "%20");
  });
  const harmless = fc.constantFrom<[string, string]>(
    ["Authorization", alice],
    ["Accept", "application/json"],
    ["Accept-Encoding", "br, gzip"],
    ["Accept-Encoding", "gzip;q=0"],
    ["Content-Type", "application/json"],
    ["If-None-Match", "*"],
    ["X-Forwarded-For", "1.2.3.4"],
    ["Range", "bytes=0-1"],
  );
  const header = fc.oneof(
    harmless,
    fc.constantFrom<[string, string]>(
      ["authorization", bob],
      ["Authorization", "Bearer a.b.c"],
      ["Authorization", ""],
      ["Accept", "application/jsonl"],
      ["Accept", "*/*, application/jsonl"],
      ["Accept", "text/event-stream"],
      ["trpc-accept", "application/jsonl"],
      ["Content-Type", "application/json; charset=utf-8"],
      ["Content-Type", "text/plain"],
      ["Content-Type", "multipart/form-data"],
      ["If-None-Match", '"other"'],
      ["Content-Length", "0"],
      ["Content-Length", "70000"],
      ["Last-Event-Id", "1"],
      ["Cookie", "a=b"],
      ["Expect", "100-continue"],
      ["Upgrade", "websocket"],
    ),
    noise.map((some): [string, string] => ["Accept", some.replaceAll(/[\r\n]/g, "")]),
  );
  const host = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom("shop.example", "shop.example:3000", "127.0.0.1") },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        "SHOP.example",
        "shop.example:80",
        "shop.example:99999",
        "[::1]:3000",
        "[::01]",
        "a b",
        "",
        "1.2.3.999",
        "127.1",
        "user@shop",
        "shop/x",
        "shop?x",
        "x%41",
        "bücher.example",
        "xn--a",
      ),
    },
    { weight: 1, arbitrary: noise },
  );
  return fc.record({
    target,
    headers: fc
      .tuple(
        host.map((name): [string, string] => ["Host", name]),
        mostly(fc.array(harmless, { maxLength: 2 }), fc.array(header, { maxLength: 2 })),
      )
      .map(([first, others]) => [first, ...others]),
  });
}
