import net from "node:net";
import { GenericContainer, getContainerRuntimeClient, Wait } from "testcontainers";

/** A real Redis Cluster of three masters, each with a replica. */
export interface RedisCluster {
  /** All six nodes, as `REDIS_URL` has them. */
  readonly urls: string;
  /** `redis-cli` to one node. Errors: Error when it fails. */
  cli(port: number, ...words: string[]): Promise<string>;
  /** The master whose slots a key lies in. */
  masterOf(key: string): Promise<number>;
  /** Ends a node as a crash does. */
  kill(port: number): Promise<void>;
  /** Starts a node that was killed; it comes back as what the others have it for. */
  revive(port: number): Promise<void>;
  stop(): Promise<void>;
}

const NODES = 6;
const NODE_TIMEOUT_MS = 2_000;

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * Starts six nodes in one container: among themselves they talk over its loopback, and tell clients the host's address.
 * Units: nodes hold one another for dead after 2 s without an answer.
 */
export async function startRedisCluster(): Promise<RedisCluster> {
  const ports = await freePorts(NODES);
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const start = (port: number) =>
    [
      `redis-server --port ${port} --cluster-port ${1_000 + ports.indexOf(port)} --cluster-enabled yes`,
      `--cluster-config-file nodes-${port}.conf --cluster-node-timeout ${NODE_TIMEOUT_MS}`,
      `--cluster-announce-hostname ${host} --cluster-preferred-endpoint-type hostname`,
      `--protected-mode no --save '' --repl-diskless-sync-delay 0 --maxmemory 64mb --maxmemory-policy allkeys-lru`,
      `--dir /tmp --daemonize yes --pidfile /tmp/${port}.pid`,
    ].join(" ");
  const script = `
    ${ports.map(start).join("\n")}
    for port in ${ports.join(" ")}; do until redis-cli -p $port ping; do sleep 0.1; done; done
    redis-cli --cluster create ${ports.map((port) => `127.0.0.1:${port}`).join(" ")} --cluster-replicas 1 --cluster-yes
    for port in ${ports.join(" ")}; do
      until redis-cli -p $port cluster info | grep -q cluster_state:ok; do sleep 0.1; done
    done
    synced() { for port in ${ports.join(" ")}; do redis-cli -p $port info replication; done | grep -c master_link_status:up; }
    until [ "$(synced)" = 3 ]; do sleep 0.1; done
    echo cluster started
    exec sleep infinity`;
  const container = await new GenericContainer("redis:7-alpine")
    .withEntrypoint(["sh", "-c", script])
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    .withWaitStrategy(Wait.forLogMessage("cluster started"))
    .start();
  const run = async (command: string[]) => {
    const { exitCode, output } = await container.exec(command);
    if (exitCode !== 0) throw new Error(output);
    return output.trim();
  };
  const cli = (port: number, ...words: string[]) =>
    run(["redis-cli", "-p", String(port), ...words]);
  return {
    urls: ports.map((port) => `redis://${host}:${port}`).join(),
    cli,
    async masterOf(key) {
      for (const port of ports) {
        const isIt = await cli(port, "-e", "get", key).then(
          () => true,
          () => false,
        );
        if (isIt) return port;
      }
      throw new Error(`no master for ${key}`);
    },
    async kill(port) {
      await run(["sh", "-c", `kill -9 $(cat /tmp/${port}.pid)`]);
    },
    async revive(port) {
      await run(["sh", "-c", start(port)]);
    },
    async stop() {
      await container.stop({ timeout: 0 });
    },
  };
}
