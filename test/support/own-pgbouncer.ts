import { GenericContainer, Wait } from "testcontainers";
import type { StackAddress } from "./stack-address.ts";
import { APP_PASSWORD, PGBOUNCER_IMAGE } from "./stack-address.ts";
import { freePort } from "./own-redis.ts";

/** A PgBouncer of one test file's own, to be restarted at will; its port outlives that. */
export interface OwnPgbouncer {
  readonly port: number;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Puts one more PgBouncer in front of the stack's database. */
export async function startOwnPgbouncer(
  stack: Extract<StackAddress, { kind: "docker" }>,
): Promise<OwnPgbouncer> {
  const port = await freePort();
  const container = await new GenericContainer(PGBOUNCER_IMAGE)
    .withNetworkMode(stack.networkName)
    .withEnvironment({
      DATABASE_HOST: "postgis",
      DATABASE_NAME: "*",
      DATABASE_USER: "app",
      DATABASE_PASSWORD: APP_PASSWORD,
    })
    .withExposedPorts({ container: 6432, host: port })
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  return {
    port,
    restart: () => container.restart({ timeout: 0 }),
    async stop() {
      await container.stop({ timeout: 0 });
    },
  };
}
