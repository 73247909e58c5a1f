import { randomUUID } from "node:crypto";
import http from "node:http";
import { createTRPCClient, httpLink } from "@trpc/client";
import * as fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadDemoData } from "../../../src/seed/demo/load.ts";
import { encodeCursor, listId } from "../../../src/trpc/list.ts";
import type { AppRouter } from "../../../src/trpc/router.ts";
import { mapLimited, seededRandom } from "../../support/calls.ts";
import { damagedRequests, type FuzzRequest, requestsTo } from "../../support/fuzz-requests.ts";
import { sendFuzz, sendRawFuzz } from "../../support/fuzz-sender.ts";
import { PROCEDURES } from "../../support/procedures.ts";
import { connectRaw } from "../../support/raw-http.ts";
import {
  killInstanceProcesses,
  type InstanceProcess,
  startInstanceProcess,
} from "../../support/instance-process.ts";
import type { FieldHints } from "../../support/schema-arbitrary.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const isDocker = stackKind() === "docker";
/**
 * The number of requests. The embedded database answers one statement at a time, so fewer are sent to it. Memory is
 * measured on the docker stack only, where the instance runs in its own process.
 */
const CALLS = Number(process.env["FUZZ_CALLS"] ?? (isDocker ? 8_000 : 1_500));
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261);
const RAW_SHARE = 0.1;
const CONNECTIONS = 8;
const RAW_CONNECTIONS = 2;
/** Few ids, so that scans are sent twice and removed. */
const SCAN_IDS = Array.from(
  { length: 16 },
  (_, i) => `5ca00000-0000-4000-8000-0000000000${i + 10}`,
);
/** The number of parts; memory is measured after each. */
const PARTS = 8;
/**
 * The most growth of memory after any part of the second half, compared with the first half, after which every cache,
 * pool and buffer has been used. A leak of 800 bytes for each call would exceed it, with `FUZZ_CALLS=100000` one of 60. Measured: 0.5 to 1.2 MiB.
 */
const GROWTH_MAX_BYTES = 3 * 1024 * 1024;

let stack: Stack;
let url: string;
let metrics: () => Promise<string>;
let child: InstanceProcess | null = null;
let instance: Instance | null = null;
const logged: Readonly<Record<string, unknown>>[] = [];
const problems: string[] = [];

beforeAll(async () => {
  stack = await openStack();
  await loadDemoData(stack.sql, () => {});
  if (isDocker) {
    child = await startInstanceProcess(stack, {
      nodeArguments: ["--expose-gc", "--import", "./test/support/heap-reporter.ts"],
    });
    ({ url } = child);
    metrics = async () => (await fetch(`${url}/metrics`)).text();
    return;
  }
  const logger = pino(
    { level: "warn" },
    { write: (line: string) => logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  instance = await stack.startInstance({ logger });
  const { deps } = instance;
  ({ url } = instance);
  metrics = () => deps.metrics.registry.metrics();
});

afterAll(async () => {
  killInstanceProcesses();
  await stack.close();
});

/** Reports by a guest, so that there are cases to decide; returns the guest's token. */
async function reportAsGuest(): Promise<string> {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc` })] });
  const { guestToken } = await client.reports.guestToken.mutate();
  const rows = await stack.sql<
    { barcode: string }[]
  >`select barcode from products order by id limit 8`;
  for (const { barcode } of rows)
    await client.reports.create.mutate({
      id: randomUUID(),
      kind: "wrong_status",
      barcode,
      guestToken,
    });
  return guestToken;
}

/** Existing values, with which calls get further than "not found"; calls that remove rows get other values. */
async function hints(offset: number): Promise<FieldHints> {
  const guestToken = await reportAsGuest();
  const cases = await stack.sql<
    { id: string }[]
  >`select id::text from report_cases where state = 'open'`;
  const known = await stack.sql<{ barcode: string }[]>`
    select barcode from products order by id limit 8 offset ${offset}`;
  const ids = async (table: string) => {
    const rows = await stack.sql<{ id: string }[]>`
      select id::text from ${stack.sql(table)} order by id limit 8 offset ${offset}`;
    return rows.map(({ id }) => id);
  };
  const [stores, products, alerts, targets, certifiers] = await Promise.all(
    ["stores", "products", "alerts", "boycott_targets", "certifiers"].map(ids),
  );
  const uuids = [stores, products, alerts, targets].flatMap((some) => some ?? []);
  const at = "2026-05-05T05:05:05.005Z";
  const page = (list: string, input: object, ...keys: readonly (string | number)[]) =>
    encodeCursor(listId(list, input), keys);
  const cursors = [
    page("scans.history", {}, at, uuids[0] ?? ""),
    page("alerts.list", {}, at, uuids[0] ?? ""),
    page("favorites.list", {}, at, "store", uuids[0] ?? ""),
    page("additive.search", { query: "E4" }, 3, "E471"),
    page("alerts.list", {}, at, "E471"),
    page("scans.history", {}, "not an instant", uuids[0] ?? ""),
    page("favorites.list", {}),
  ];
  return {
    id: [...uuids, ...(certifiers ?? []), ...cases.map(({ id }) => id)],
    ids: [uuids],
    certifierId: certifiers ?? [],
    certifierIds: [null, (certifiers ?? []).slice(0, 3)],
    cursor: cursors,
    code: ["E471", "e 120", "INS 322(i)", "472a", "E9999"],
    codes: [["E471", "E120", "E471"]],
    locale: [null, "ar", "en-GB"],
    guestToken: [guestToken, null],
    revision: [null],
    proposed: [null, { halalStatus: "haram" }],
    names: [null, { en: "Soup", fr: "Soupe" }],
    ingredientTexts: [null, { en: "Water, salt" }],
    language: [null, "en"],
    texts: [null, { ar: { title: "استدعاء", summary: "لا تأكله" } }],
    explanationTexts: [null, {}],
    additives: [null, ["E471", "e 120"]],
    barcode: [
      ...known.map(({ barcode }) => barcode),
      "4006381333931",
      "9520001000016",
      "01234565",
      "0",
      "3.02E+12",
      "２００",
    ],
    brand: ["Fizzarra", "ozmarra, gumdrolls", ",,,"],
    query: ["boucherie", "مخبز", "E4", "%", "halal -- ' \\"],
    openingHours: ["Mo-Fr 08:00-18:00", "24/7", "Mo-Su 10:00-22:00; PH off", "((("],
    website: ["https://shop.example/"],
    imageUrl: ["https://shop.example/photo.jpg"],
    sourceUrl: ["https://news.example/1"],
    timeZone: ["Europe/Paris", "UTC", "Etc/GMT+12"],
    country: ["FR", "ZZ"],
    limit: [1, 100],
    minimumVersion: [null, "1.2.3"],
    latestVersion: [null, "1.2.3", "1.10.0"],
    storeUrl: [null, "https://store.example/app"],
    companyName: ["Quillfen Imaginary Dairy", "ﷺ company"],
  };
}

function note(problem: string | null, request: () => string): void {
  if (problem !== null && problems.length < 20)
    problems.push(`${problem}: ${request().slice(0, 600)}`);
}

/**
 * Returns the memory of the process after a collection, without the cache's entries. It is unknown for an instance in
 * this process, because the test uses memory as well.
 */
async function keptBytes(): Promise<number> {
  if (child === null) return 0;
  const { process: replicaProcess } = child;
  const memory = await new Promise<NodeJS.MemoryUsage>((resolve) => {
    replicaProcess.once("message", (message) => resolve(message as NodeJS.MemoryUsage));
    replicaProcess.send("report");
  });
  const cached = /^halal_cache_memory_bytes (\d+)/m.exec(await metrics())?.[1];
  return memory.heapUsed + memory.external - Number(cached);
}

it(
  `takes ${CALLS} hostile calls and answers each with data or a tRPC error of 4xx`,
  { timeout: 300_000 },
  async () => {
    const tokens = {
      anonymous: undefined,
      user: await bearer(),
      admin: await bearer({ isAdmin: true }),
      forged: `${(await bearer()).slice(0, -6)}AAAAAA`,
    };
    const known = await hints(0);
    const removed = await hints(2);
    const scans = { ...known, id: SCAN_IDS };
    const hintsFor = (path: string) => {
      if (path.startsWith("scans.")) return scans;
      return /remove|retract/.test(path) ? removed : known;
    };
    const planned = Math.floor((CALLS * (1 - RAW_SHARE)) / PROCEDURES.length);
    const requests = PROCEDURES.flatMap((procedure, i) =>
      fc.sample(requestsTo(procedure, hintsFor(procedure.path)), {
        numRuns: planned,
        seed: SEED + i,
      }),
    );
    const random = seededRandom(SEED);
    const order = requests
      .map((request) => ({ request, place: random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ request }) => request);
    const raw = fc.sample(damagedRequests([tokens.user, tokens.admin]), {
      numRuns: Math.ceil(CALLS * RAW_SHARE),
      seed: SEED,
    });
    // Clients that send half a request and then nothing must not delay others.
    const halfOpen = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const connection = await connectRaw(url);
        connection.send(i % 2 === 0 ? "GET /trpc/certi" : "POST / HTTP/1.1\r\nhost: x\r\n");
        return connection;
      }),
    );

    let calls = 0;
    const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const fuzz = async (some: readonly FuzzRequest[], someRaw: readonly Buffer[]) => {
      await Promise.all([
        mapLimited(some, CONNECTIONS, async (request) => {
          calls += request.calls;
          note(await sendFuzz(url, agent, request, tokens[request.caller]), () =>
            JSON.stringify(request),
          );
        }),
        mapLimited(someRaw, RAW_CONNECTIONS, async (bytes) => {
          calls += 1;
          note(await sendRawFuzz(url, bytes), () => JSON.stringify(bytes.toString("latin1")));
        }),
      ]);
    };
    const share = <T>(all: readonly T[], part: number) =>
      all.slice(
        Math.floor((all.length * part) / PARTS),
        Math.floor((all.length * (part + 1)) / PARTS),
      );
    const kept: number[] = [];
    for (let part = 0; part < PARTS; part += 1) {
      await fuzz(share(order, part), share(raw, part));
      kept.push(await keptBytes());
    }
    const [before = 0, ...later] = kept.slice(PARTS / 2 - 1);
    for (const connection of halfOpen) connection.destroy();
    agent.destroy();

    expect(calls).toBeGreaterThanOrEqual(CALLS);
    // Checked first, because the service's log of its own faults has the reason.
    const lines = [...logged, ...(child?.log ?? [])];
    expect(lines.filter(({ level }) => Number(level) >= 50).slice(0, 5)).toEqual([]);
    expect(problems).toEqual([]);
    const figures = await metrics();
    const failed = figures.split("\n").filter((line) => /INTERNAL_SERVER|SERVICE_UNAV/.test(line));
    expect(failed).toEqual([]);
    // If some procedure was never reached, the test did not try enough.
    const unreached = PROCEDURES.map(({ path }) => path).filter(
      (path) => !figures.includes(`halal_calls_total{procedure="${path}",code="OK"}`),
    );
    expect(isDocker ? unreached : []).toEqual([]);
    expect(Math.max(...later) - before).toBeLessThan(GROWTH_MAX_BYTES);
    expect(child?.process.exitCode ?? null).toBeNull();
    const alive = await fetch(`${url}/health/ready`);
    expect(alive.status).toBe(200);
  },
);
