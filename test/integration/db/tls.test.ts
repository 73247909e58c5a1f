import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { doctor } from "../../support/doctor-run.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";
import { CERTIFICATE_FILE, startTlsStandIn, type TlsStandIn } from "../../support/tls-stand-in.ts";

describe.skipIf(stackKind() !== "docker")("servers that route by name (docker stack)", () => {
  let stack: Stack;
  let pooler: TlsStandIn;
  let server: TlsStandIn;
  let redis: TlsStandIn;
  const parts = () => [pooler, server, redis];

  beforeAll(async () => {
    stack = await openStack();
    const address = inject("stack");
    if (address.kind !== "docker" || stack.redisUrl === null) throw new Error("needs docker");
    const { host, pgbouncerPort, postgresPort } = address;
    pooler = await startTlsStandIn("postgres", { host, port: pgbouncerPort });
    server = await startTlsStandIn("postgres", { host, port: postgresPort });
    redis = await startTlsStandIn("redis", { host, port: Number(new URL(stack.redisUrl).port) });
  });

  afterAll(async () => {
    await stack.close();
    await Promise.all(parts().map((standIn) => standIn.close()));
  });

  /** The address of the same database behind a stand-in. */
  function through(url: string, standIn: TlsStandIn, parameters: string): string {
    const other = new URL(url);
    other.host = `localhost:${standIn.port}`;
    return `${other.href}?${parameters}`;
  }

  const modes = [
    "sslmode=require",
    `sslmode=verify-full&sslrootcert=${encodeURIComponent(CERTIFICATE_FILE)}`,
  ];

  it.each(modes)(
    "an instance and the doctor send the server's name on all connections: %s",
    async (mode) => {
      const more = `${mode}&channel_binding=require&pgbouncer=true&schema=public&connection_limit=1`;
      const environment = {
        DATABASE_URL: through(stack.databaseUrl, pooler, more),
        DATABASE_DIRECT_URL: through(stack.directUrl, server, more),
        REDIS_URL: `rediss://localhost:${redis.port}?ssl_ca_certs=${encodeURIComponent(CERTIFICATE_FILE)}`,
        METRICS_TOKEN: randomBytes(24).toString("base64"),
        JWT_SECRET: randomBytes(32).toString("base64"),
      };
      const instance = await stack.startInstance({
        databaseUrl: environment.DATABASE_URL,
        redisUrl: environment.REDIS_URL,
        environment,
      });
      const ready = await fetch(`${instance.url}/health/ready`);
      expect(await ready.json()).toMatchObject({
        status: "ready",
        checks: { database: { ok: true }, redis: { ok: true } },
      });
      expect(await instance.client.store.nearby.query({ latitude: 0, longitude: 0 })).toEqual({
        items: [],
      });
      const diagnosis = await doctor(environment);
      // No worker runs here.
      expect(diagnosis.output).not.toMatch(/^fail(?! +workers )/m);
      expect(diagnosis.levels).toMatchObject({ "pool mode": "ok", "direct connection": "ok" });
      expect(diagnosis.line("configuration")).toContain("channel_binding, pgbouncer, schema");
      await instance.close();
      for (const { names } of parts()) {
        expect(names.length).toBeGreaterThan(0);
        expect(new Set(names)).toEqual(new Set(["localhost"]));
      }
    },
  );

  it("an unsigned certificate fails the verification", async () => {
    const instance = await stack.startInstance({
      databaseUrl: through(stack.databaseUrl, pooler, "sslmode=verify-full"),
    });
    const ready = await fetch(`${instance.url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { checks: { database: { ok: false } } },
    ]);
    await instance.close();
  });
});
