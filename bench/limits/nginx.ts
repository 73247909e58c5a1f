import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Container, docker, startContainer, untilWorks } from "../docker.ts";
import { RESULTS_DIR } from "../processes.ts";

/** nginx with the settings of `docker-compose.yml`, in front of instances on this machine. */
export interface Nginx {
  readonly container: Container;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts nginx with `deploy/nginx.conf` and other addresses, and waits until an instance answers.
 * Errors: when the place of the addresses is not found in the file.
 */
export async function startNginx(port: number, instancePorts: readonly number[]): Promise<Nginx> {
  const settings = readFileSync("deploy/nginx.conf", "utf8");
  const servers = instancePorts.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(" ");
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
      throw new Error("nginx does not reach the instances");
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
