import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GenericContainer, Wait } from "testcontainers";

export const PURGE_TOKEN = "the-purge-token-of-the-tests";

/** Varnish with `deploy/varnish/default.vcl`, in front of a port of this machine. */
export interface OwnVarnish {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts Varnish as shipped, in front of a server that listens on this machine. */
export async function startVarnish(port: number): Promise<OwnVarnish> {
  const scratch = mkdtempSync(join(tmpdir(), "varnish-"));
  const shipped = readFileSync(resolve("deploy/varnish/default.vcl"), "utf8");
  const named = '.host = "nginx";\n  .port = "80";';
  if (!shipped.includes(named)) throw new Error(`deploy/varnish/default.vcl has no ${named}`);
  const here = `.host = "origin.test";\n  .port = "${port}";`;
  writeFileSync(join(scratch, "default.vcl"), shipped.replace(named, here));
  const varnish = await new GenericContainer("varnish:7.7")
    .withExtraHosts([{ host: "origin.test", ipAddress: "host-gateway" }])
    .withEnvironment({ EDGE_PURGE_TOKEN: PURGE_TOKEN })
    .withCopyFilesToContainer([
      { source: join(scratch, "default.vcl"), target: "/etc/varnish/default.vcl" },
    ])
    .withExposedPorts(80)
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  return {
    url: `http://${varnish.getHost()}:${varnish.getMappedPort(80)}`,
    async stop() {
      await varnish.stop({ timeout: 0 });
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
