import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.ts";
import { openServer, type OpenServer } from "../../../src/http/server.ts";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { WITHOUT_FAST_QUERIES } from "../../support/procedures.ts";
import { exchangeRaw, parseAnswers } from "../../support/raw-http.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";

const RUNS = stackKind() === "docker" ? 2_500 : 300;
const ALICE = randomUUID();
const BOB = randomUUID();

let stack: Stack;
let instance: Instance;
/** The same process without fast queries. */
let procedures: OpenServer;
let proceduresUrl: string;
let storeId: string;
let alice: string;
let bob: string;

beforeAll(async () => {
  stack = await openStack();
  [storeId = ""] = await insertStores(stack.sql, [{ latitude: 1, longitude: 2 }]);
  await stack.sql`insert into certifiers (id, name, country) values ('avs', 'AVS', 'FR')`;
  await insertAdditives(stack.sql, [{ code: "E471" }]);
  await stack.sql`insert into alerts (title, summary, severity, category) values ('A', 'B', 'info', 'c')`;
  instance = await stack.startInstance();
  procedures = await openServer("127.0.0.1", 0);
  await procedures.serve(createApp(instance.deps, WITHOUT_FAST_QUERIES));
  proceduresUrl = `http://127.0.0.1:${procedures.port}`;
  alice = await bearer({ id: ALICE });
  bob = await bearer({ id: BOB });
  const as = await instance.as({ id: ALICE });
  await as.alerts.markRead.mutate({ all: true });
});

afterAll(async () => {
  await procedures.close(0, 1_000);
  await stack.close();
});

/** The exact parts of a request. */
interface Sent {
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

const HOST = ["Host", "shop.example"] as const;

/** Removes the parts of an answer that differ between requests. */
async function answerOf(url: string, { target, headers, body = "" }: Sent): Promise<unknown> {
  const lines = [...headers, ["Connection", "close"], ["X-Request-Id", "same"]];
  const head = lines.map(([name = "", value = ""]) => `${name}: ${value}\r\n`).join("");
  const wire = await exchangeRaw(url, Buffer.from(`GET ${target} HTTP/1.1\r\n${head}\r\n${body}`));
  // The lines of a stream arrive in any order.
  if (/\r\ntransfer-encoding: chunked/i.test(wire)) return /^[^\r]*/.exec(wire)?.[0];
  const [answer] = parseAnswers(wire);
  if (answer === undefined) return null;
  const own = new Map(answer.headers);
  for (const name of ["date", "x-cache", "ratelimit-remaining", "ratelimit-reset"])
    own.delete(name);
  // A request that is rejected before the app gets another id.
  const id = own.get("x-request-id");
  if (id !== undefined && id !== "same") own.set("x-request-id", "its own");
  const text = id === undefined ? answer.body : answer.body.replaceAll(id, "an id");
  return { status: answer.status, headers: Object.fromEntries(own), body: text };
}

const bothOf = async (sent: Sent) => ({
  fast: await answerOf(instance.url, sent),
  procedure: await answerOf(proceduresUrl, sent),
});

async function statusOf(url: string, sent: Sent): Promise<number> {
  const answer = await answerOf(url, sent);
  return (answer as { status: number }).status;
}

describe("two Authorization fields", () => {
  it("are rejected in either order, by fast queries and procedures", async () => {
    for (const path of ["certifier.list", "alerts.unread", "scans.stats"]) {
      for (const [first, second] of [
        [alice, bob],
        [bob, alice],
        [alice, alice],
        [alice, "Bearer a.b.c"],
        ["Bearer a.b.c", alice],
      ] as const) {
        const headers = [HOST, ["Authorization", first], ["authorization", second]] as const;
        const sent = { target: `/trpc/${path}`, headers };
        // By then the process knows the tokens.
        for (const token of [alice, bob]) {
          const single = { ...sent, headers: [HOST, ["Authorization", token]] as const };
          expect(await statusOf(instance.url, single)).toBe(200);
        }
        const { fast, procedure } = await bothOf(sent);
        expect(fast).toEqual(procedure);
        expect(fast).toMatchObject({ status: 401 });
      }
    }
  });
});

describe("a malformed request is rejected with and without fast queries", () => {
  const list = "/trpc/certifier.list";
  it.each<[string, Sent, number]>([
    ...["5", "null", "%22x%22", "true", "[]", "[1]"].map((input): [string, Sent, number] => [
      `a batch's input of ${input}`,
      { target: `${list}?batch=1&input=${input}`, headers: [HOST] },
      400,
    ]),
    ["a host that is none", { target: list, headers: [["Host", "a b"]] }, 400],
    ["a host out of range", { target: list, headers: [["Host", "1.2.3.999"]] }, 400],
    ["a host with a path", { target: list, headers: [["Host", "a/b"]] }, 400],
    ["an empty host", { target: list, headers: [["Host", ""]] }, 400],
    ["no host", { target: list, headers: [] }, 400],
    [
      "a fragment in the input",
      { target: '/trpc/additive.byCode?input={"code":"E471","x":"#"}', headers: [HOST] },
      400,
    ],
    [
      "a body that is too long",
      { target: list, headers: [HOST, ["Content-Length", "70000"]] },
      413,
    ],
  ])("%s", async (_name, sent, status) => {
    expect(await statusOf(proceduresUrl, sent)).toBe(status);
    expect(await statusOf(instance.url, sent)).toBe(status);
  });
});

/** Unusual parts of URLs and header lines, mixed with usual ones. */
const noise = fc.string({
  unit: fc.constantFrom(..."aZ09 #%+&=?/\\;,.:@[]{}\"'|^`~\t\f\u0001\u00e9\u007f".split("")),
  maxLength: 6,
});

function requests(): fc.Arbitrary<Sent> {
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

it("a fast query answers every request as its procedure does", async () => {
  const before = instance.directAnswers();
  await fc.assert(
    fc.asyncProperty(requests(), async (sent) => {
      const { fast, procedure } = await bothOf(sent);
      expect(fast).toEqual(procedure);
    }),
    { numRuns: RUNS, seed: Number(process.env["FUZZ_SEED"] ?? 4_711) },
  );
  // If few requests were answered before Hono, nothing was compared.
  expect(instance.directAnswers() - before).toBeGreaterThan(RUNS / 5);
}, 120_000);
