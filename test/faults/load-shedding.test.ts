import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AppRouter } from "../../src/trpc/router.ts";
import { eventually, percentile, query, reportFigures } from "../support/calls.ts";
import { startLoad } from "../support/raw-load.ts";
import { parseAnswers } from "../support/raw-http.ts";
import {
  killInstanceProcesses,
  type InstanceProcess,
  startInstanceProcess,
} from "../support/instance-process.ts";
import { insertStores } from "../support/store-rows.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";
import { bearer } from "../support/tokens.ts";

interface Ready {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string }>>;
}

interface Refused {
  readonly error: { readonly data: { readonly code: string; readonly retryAfterSeconds: number } };
}

const CONNECTIONS = 300;
const PLACE = { latitude: 48.85, longitude: 2.35 };
/** Ten calls that take a processor long and send no statement: codes that cannot be read are found without the database. */
const HEAVY = (() => {
  const codes = Array.from({ length: 50 }, () => "x");
  const calls = Array.from({ length: 10 }, (_, i) => [i, { codes }] as const);
  const path = calls.map(() => "additive.forCodes").join();
  const input = encodeURIComponent(JSON.stringify(Object.fromEntries(calls)));
  return `GET /trpc/${path}?batch=1&input=${input} HTTP/1.1\r\nhost: x\r\n\r\n`;
})();

// The embedded database serves one connection, which the test uses.
describe.skipIf(stackKind() !== "docker")("overload of an instance (docker stack)", () => {
  let stack: Stack;
  let instance: InstanceProcess;
  beforeAll(async () => {
    stack = await openStack();
    await insertStores(
      stack.sql,
      Array.from({ length: 20 }, (_, i) => ({ ...PLACE, latitude: PLACE.latitude + i * 0.001 })),
    );
    instance = await startInstanceProcess(stack);
  });
  afterAll(async () => {
    killInstanceProcesses();
    await stack.close();
  });

  const readiness = async () => {
    const response = await fetch(`${instance.url}/health/ready`);
    return { http: response.status, ...((await response.json()) as Ready) };
  };
  async function figure(series: string): Promise<number> {
    const text = await (await fetch(`${instance.url}/metrics`)).text();
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1));
  }

  test(
    "excess calls get 503, hits and health checks are answered, and every call succeeds after the overload",
    {
      timeout: 120_000,
    },
    async () => {
      const trpc = `${instance.url}/trpc`;
      const authorization = await bearer();
      const user = createTRPCClient<AppRouter>({
        links: [httpLink({ url: trpc, headers: { authorization } })],
      });
      const batch = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: trpc })] });
      await query(instance.url, "store.nearby", PLACE);
      expect((await query(instance.url, "store.nearby", PLACE)).state).toBe("HIT");
      expect(await figure("halal_overloaded")).toBe(0);
      await user.favorites.list.query({});

      const beganAt = performance.now();
      const load = startLoad(instance.port, HEAVY, CONNECTIONS);
      const during = { hits: [] as number[], states: [] as string[], ready: [] as string[] };
      const refusals: unknown[] = [];
      let overloadedAfterMs = Number.NaN;
      let degraded: Ready | undefined;
      // Waits for each expected event, because the machine may be slow.
      await eventually(
        60_000,
        async () => {
          const [hit, ready, live] = await Promise.all([
            query(instance.url, "store.nearby", PLACE),
            readiness(),
            fetch(`${instance.url}/health/live`),
            user.favorites.add
              .mutate({ kind: "store", id: crypto.randomUUID() })
              .catch((error: unknown) => refusals.push(error)),
            Promise.all([
              batch.boycott.list.query(),
              batch.additive.search.query({ query: "e4" }),
            ]).catch((error: unknown) => refusals.push(error)),
          ]);
          during.hits.push(hit.tookMs);
          during.states.push(`${hit.status} ${hit.state}`);
          during.ready.push(`${ready.http} ${ready.status}`);
          expect(live.status).toBe(200);
          if (ready.checks["load"]?.ok === false) {
            degraded ??= ready;
            if (Number.isNaN(overloadedAfterMs)) overloadedAfterMs = performance.now() - beganAt;
          }
          return {
            isDegraded: degraded !== undefined,
            refused: refusals.filter((error) => isRefusal(error)).length,
            turnedAway: load.answered()[503] ?? 0,
            hits: during.states.filter((state) => state === "200 HIT").length,
          };
        },
        ({ isDegraded, refused, turnedAway, hits }) =>
          isDegraded && refused > 0 && turnedAway > 100 && hits >= 20,
      );
      const rejected = await figure('halal_rejected_calls_total{reason="overload"}');
      const result = load.end();
      const endedAt = performance.now();
      await eventually(
        30_000,
        () =>
          user.favorites.list.query({}).then(
            () => true,
            () => false,
          ),
        Boolean,
      );
      const recoveredAfterMs = performance.now() - endedAt;
      const after = await eventually(30_000, readiness, ({ status }) => status === "ready");

      reportFigures(`${CONNECTIONS} connections with batches of ten`, {
        seconds: Math.round((endedAt - beganAt) / 1000),
        counts: result.counts,
        times: result.times,
        hitStates: Object.fromEntries(
          [...Map.groupBy(during.states, (state) => state)].map(([state, { length }]) => [
            state,
            length,
          ]),
        ),
        hitP50Ms: Math.round(percentile(during.hits, 0.5)),
        hitP99Ms: Math.round(percentile(during.hits, 0.99)),
        ready: [...new Set(during.ready)],
        overloadedAfterMs: Math.round(overloadedAfterMs),
        recoveredAfterMs: Math.round(recoveredAfterMs),
      });
      // No other status, and no lost connection.
      expect(Object.keys(result.counts).sort()).toEqual(["200", "503"]);
      expect(result.broken).toBe(0);
      expect(degraded).toMatchObject({
        checks: { load: { detail: expect.stringMatching(/^rejecting calls: \d+ requests/) } },
      });
      expect(after.checks["load"]).toEqual({ ok: true });
      expect(rejected).toBeGreaterThanOrEqual(1_000);
      expect(await figure("halal_requests_in_flight")).toBe(0);

      const [answer] = parseAnswers(result.samples["503"] ?? "");
      const bodies = JSON.parse(answer?.body ?? "") as readonly Refused[];
      expect(bodies).toHaveLength(10);
      for (const { error } of bodies)
        expect(`${error.data.code} ${error.data.retryAfterSeconds}`).toBe(
          `SERVICE_UNAVAILABLE ${answer?.headers.get("retry-after")}`,
        );
      expect(Number(answer?.headers.get("retry-after"))).toBeOneOf([1, 2]);
      expect(answer?.headers.get("cache-control")).toBe("no-store");
      expect(answer?.headers.get("x-request-id")).toMatch(/./);
      // A real client gets the error as well.
      const refusal = refusals.find((error) => isRefusal(error));
      expect(refusal).toBeInstanceOf(TRPCClientError);
      expect(instance.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
      expect(instance.log.map(({ msg }) => msg)).toContain("overloaded: rejecting calls");
    },
  );
});

function isRefusal(error: unknown): boolean {
  return (
    error instanceof TRPCClientError &&
    (error as TRPCClientError<AppRouter>).data?.code === "SERVICE_UNAVAILABLE"
  );
}
