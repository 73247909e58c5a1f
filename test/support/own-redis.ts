import net from "node:net";
import { GenericContainer, Wait } from "testcontainers";

/** A Redis of one test file's own, to be broken at will; its port outlives a restart. */
export interface OwnRedis {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** `redis-cli` in the container. Errors: Error when it fails. */
  cli(...words: string[]): Promise<string>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A port that nobody listens on; it may be had again after a restart. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Starts a Redis that holds what it is given until it is full. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const port = await freePort();
  const container = await new GenericContainer("redis:7-alpine")
    .withCommand(["redis-server", "--save", "", "--maxmemory-policy", "noeviction"])
    .withExposedPorts({ container: 6379, host: port })
    // Its log cannot tell: after a restart the line may be older than the time that the engine gives for the start.
    .withWaitStrategy(Wait.forSuccessfulCommand("redis-cli ping"))
    .start();
  const host = container.getHost();
  return {
    host,
    port,
    url: `redis://${host}:${port}`,
    async cli(...words) {
      const { exitCode, output } = await container.exec(["redis-cli", ...words]);
      if (exitCode !== 0) throw new Error(output);
      return output.trim();
    },
    restart: () => container.restart({ timeout: 0 }),
    async stop() {
      await container.stop({ timeout: 0 });
    },
  };
}
