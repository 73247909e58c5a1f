import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doctor } from "../../support/doctor-run.ts";
import { stackKind } from "../../support/stack.ts";
import { startStreaming, type Streaming } from "../../support/streaming-pair.ts";

describe.skipIf(stackKind() !== "docker")("doctor on read replicas that stream (docker)", () => {
  let streaming: Streaming;
  let environment: Record<string, string>;
  let addresses: readonly [string, string];
  beforeAll(async () => {
    streaming = await startStreaming();
    const [first, second] = streaming.standbys;
    addresses = [new URL(first.url).host, new URL(second.url).host];
    environment = {
      DATABASE_URL: streaming.primaryUrl,
      DATABASE_REPLICA_URLS: `${first.url},${second.url}`,
      JWT_SECRET: randomBytes(32).toString("base64"),
      METRICS_TOKEN: randomBytes(24).toString("base64"),
    };
    await streaming.caughtUp();
  });
  afterAll(() => streaming?.close());

  test("two replicas that follow are ok, and their pools are counted, with and without PgBouncer", async () => {
    const { levels, line, output } = await doctor(environment);
    const [pooled, plain] = addresses.map((address) => `${address}/halal`);
    expect(output.match(/^ok +read replica .* follows$/gm)).toHaveLength(2);
    expect(levels).toMatchObject({
      [`instances to PgBouncer, ${pooled}`]: "ok",
      [`PgBouncer to PostgreSQL, ${pooled}`]: "ok",
      [`pool mode, ${pooled}`]: "ok",
      [`pool arithmetic, ${plain}`]: "ok",
    });
    expect(line(`instances to PgBouncer, ${pooled}`)).toContain("2 × (10 + 1) = 22");

    const many = await doctor(environment, "--replicas", "50");
    expect(many.code).toBe(1);
    expect(many.levels).toMatchObject({
      [`instances to PgBouncer, ${pooled}`]: "fail",
      [`pool arithmetic, ${plain}`]: "fail",
    });
  });

  test("a replica that lags warns, and a replica that cannot be reached fails", async () => {
    const { sql, standbys, proxy } = streaming;
    await standbys[0].setApplyDelay(60_000);
    await proxy.cut();
    await sql`insert into cache_events (topic) values ('store')`;
    const { code, levels, line } = await doctor(environment);
    expect(levels["read replica"]).toBe("warn");
    expect(line("read replica")).toMatch(/more than 0\.9 s behind.*-> see docs\/operations\.md/);
    expect(levels[`read replica ${addresses[1]}/halal`]).toBe("fail");
    expect(code).toBe(1);
    await standbys[0].setApplyDelay(0);
    await proxy.heal();
    await streaming.caughtUp();
  });

  test("a promoted replica fails, because it is not a standby", async () => {
    const [promoted] = streaming.standbys;
    await promoted.promote();
    const { code, line } = await doctor({
      ...environment,
      DATABASE_REPLICA_URLS: promoted.url,
    });
    expect(code).toBe(1);
    expect(line("read replica")).toMatch(/^fail .* is not a standby/);
  });
});
