import { describe, expect, it } from "vitest";
import { createMetrics, mayReadMetrics, REJECTIONS } from "../../../src/observability/metrics.ts";

async function figures(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.registry.metrics()).split("\n");
}

describe("metrics", () => {
  it("show calls by code, and durations as a cumulative histogram", async () => {
    const metrics = createMetrics();
    metrics.called("store.nearby", "OK", 0.0004);
    metrics.called("store.nearby", "OK", 0.2);
    metrics.called("store.nearby", "SERVICE_UNAVAILABLE", 60);
    const lines = await figures(metrics);
    expect(lines).toEqual(
      expect.arrayContaining([
        "# TYPE halal_call_duration_seconds histogram",
        'halal_call_duration_seconds_bucket{le="0.0005",procedure="store.nearby"} 1',
        'halal_call_duration_seconds_bucket{le="0.25",procedure="store.nearby"} 2',
        'halal_call_duration_seconds_bucket{le="5",procedure="store.nearby"} 2',
        'halal_call_duration_seconds_bucket{le="+Inf",procedure="store.nearby"} 3',
        'halal_call_duration_seconds_count{procedure="store.nearby"} 3',
        "# TYPE halal_calls_total counter",
        'halal_calls_total{procedure="store.nearby",code="OK"} 2',
        'halal_calls_total{procedure="store.nearby",code="SERVICE_UNAVAILABLE"} 1',
      ]),
    );
  });

  it("do not change when they are read", async () => {
    const metrics = createMetrics();
    metrics.called("store.nearby", "OK", 0.1);
    metrics.cacheStats.count("stores", "memory", "HIT");
    metrics.cacheStats.loaded("stores", 0.003);
    const own = async () => (await figures(metrics)).filter((line) => line.startsWith("halal_"));
    const first = await own();
    expect(await own()).toEqual(first);
    expect(first).toContain(
      'halal_cache_answers_total{cache="stores",tier="memory",state="HIT"} 1',
    );
    expect(first).toContain(
      'halal_cache_load_duration_seconds_bucket{le="0.005",cache="stores"} 1',
    );
  });

  it("name every reason for rejecting calls from the start, and add what the pool shed", async () => {
    const metrics = createMetrics();
    const lines = await figures(metrics);
    for (const reason of REJECTIONS)
      expect(lines).toContain(`halal_rejected_calls_total{reason="${reason}"} 0`);
    metrics.rejected("rate_limit", 4);
    metrics.watchDatabase("main", () => ({
      running: 3,
      waiting: 2,
      shed: 7,
      timedOut: 1,
      retried: 0,
      waitSecondsTotal: 1.5,
      statements: 90,
    }));
    expect(await figures(metrics)).toEqual(
      expect.arrayContaining([
        'halal_rejected_calls_total{reason="rate_limit"} 4',
        'halal_rejected_calls_total{reason="overload"} 7',
        "# TYPE halal_database_statements_running gauge",
        'halal_database_statements_running{pool="main"} 3',
        "# TYPE halal_database_wait_seconds_total counter",
        'halal_database_wait_seconds_total{pool="main"} 1.5',
      ]),
    );
  });

  it("have the prefix of the service or the runtime, counters end in _total, and the event loop is included", async () => {
    const lines = await figures(createMetrics());
    const types = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.split(" "));
    for (const [, , name] of types) expect(name).toMatch(/^(halal|nodejs|process)_/);
    const own = types.filter(([, , name]) => name?.startsWith("halal_") === true);
    expect(own.length).toBeGreaterThan(15);
    for (const [, , name, type] of own)
      expect({ name, isCounter: type === "counter" }).toEqual({
        name,
        isCounter: name?.endsWith("_total") === true,
      });
    expect(types.map(([, , name]) => name)).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("show the number of requests in flight, and whether new ones are rejected", async () => {
    const metrics = createMetrics();
    const load = { inFlight: 0, isOverloaded: false };
    metrics.watchLoad(() => load);
    expect(await figures(metrics)).toEqual(
      expect.arrayContaining(["halal_requests_in_flight 0", "halal_overloaded 0"]),
    );
    Object.assign(load, { inFlight: 12, isOverloaded: true });
    expect(await figures(metrics)).toEqual(
      expect.arrayContaining(["halal_requests_in_flight 12", "halal_overloaded 1"]),
    );
  });
});

describe("mayReadMetrics", () => {
  it("requires the token if one is configured", () => {
    const token = "a-token-of-16-chars";
    expect(mayReadMetrics(undefined, null)).toBe(true);
    expect(mayReadMetrics(`Bearer ${token}`, token)).toBe(true);
    for (const wrong of [undefined, "", token, `Bearer ${token}x`, `bearer ${token}`, "Bearer "])
      expect(mayReadMetrics(wrong, token)).toBe(false);
  });
});
