import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Container, docker, startContainer, untilWorks } from "../docker.ts";
import { RESULTS_DIR } from "../processes.ts";

/** Varnish with the settings of `docker-compose.yml`, on this machine. */
export interface Varnish {
  readonly container: Container;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts Varnish with `deploy/varnish/default.vcl` in front of a port that may open later.
 * Errors: when the place of the address is not found in the file.
 */
export async function startVarnish(
  port: number,
  originPort: number,
  token: string,
): Promise<Varnish> {
  const settings = readFileSync("deploy/varnish/default.vcl", "utf8");
  const named = '.host = "nginx";\n  .port = "80";';
  if (!settings.includes(named))
    throw new Error("deploy/varnish/default.vcl looks different from what the bench expects");
  mkdirSync(RESULTS_DIR, { recursive: true });
  const file = resolve(join(RESULTS_DIR, "varnish.vcl"));
  const here = `.host = "127.0.0.1";\n  .port = "${originPort}";`;
  writeFileSync(file, settings.replace(named, here));
  const container = await startContainer({
    image: "varnish:7.7",
    network: "host",
    environment: { EDGE_PURGE_TOKEN: token, VARNISH_HTTP_PORT: String(port), VARNISH_SIZE: "256M" },
    mounts: [`${file}:/etc/varnish/default.vcl:ro`],
  });
  const host = "127.0.0.1";
  await untilWorks(10_000, () => fetch(`http://${host}:${port}/health/live`));
  return {
    container,
    host,
    port,
    async stop() {
      await docker("rm", "--force", container.id);
    },
  };
}
