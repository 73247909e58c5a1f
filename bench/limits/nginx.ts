import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Container, docker, startContainer, untilWorks } from "../docker.ts";
import { RESULTS_DIR } from "../processes.ts";

/** nginx as `docker-compose.yml` has it, in front of replicas on this machine. */
export interface Nginx {
  readonly container: Container;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts nginx with the settings of `deploy/nginx.conf`, other addresses put in; it waits until a replica answers.
 * Errors: when those settings have no place for the addresses any more.
 */
export async function startNginx(port: number, replicaPorts: readonly number[]): Promise<Nginx> {
  const settings = readFileSync("deploy/nginx.conf", "utf8");
  const servers = replicaPorts.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(" ");
  const adapted = settings
    .replace("server api:3000 max_fails=0;", servers)
    .replace("listen 80 ", `listen 127.0.0.1:${port} `);
  if (!adapted.includes(servers) || !adapted.includes(`127.0.0.1:${port} `)) {
    throw new Error("deploy/nginx.conf looks different from what the bench expects");
  }
  mkdirSync(RESULTS_DIR, { recursive: true });
  const file = resolve(join(RESULTS_DIR, "nginx.conf"));
  writeFileSync(file, adapted);
  const container = await startContainer({
    image: "nginx:1.28",
    network: "host",
    mounts: [`${file}:/etc/nginx/nginx.conf:ro`],
  });
  const host = "127.0.0.1";
  await untilWorks(10_000, async () => {
    const { ok, headers } = await fetch(`http://${host}:${port}/health/live`);
    if (!ok || headers.get("server") !== "nginx")
      throw new Error("nginx does not reach the replicas");
  });
  return {
    container,
    host,
    port,
    async stop() {
      await docker("rm", "--force", container.id);
    },
  };
}
