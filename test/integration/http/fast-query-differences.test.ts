import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../src/app.ts";
import { openServer, type OpenServer } from "../../../src/http/server.ts";
import { insertAdditives } from "../../support/catalog-rows.ts";
import { fastQueryRequests, type Sent } from "../../support/fast-query-requests.ts";
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

it("a fast query answers every request as its procedure does", async () => {
  const before = instance.directAnswers();
  await fc.assert(
    fc.asyncProperty(fastQueryRequests({ storeId, alice, bob }), async (sent) => {
      const { fast, procedure } = await bothOf(sent);
      expect(fast).toEqual(procedure);
    }),
    { numRuns: RUNS, seed: Number(process.env["FUZZ_SEED"] ?? 4_711) },
  );
  // If few requests were answered before Hono, nothing was compared.
  expect(instance.directAnswers() - before).toBeGreaterThan(RUNS / 5);
}, 120_000);
