import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GenericContainer, Wait } from "testcontainers";

/** nginx with `deploy/nginx.conf` and `deploy/nginx.sh`, in front of processes of this machine. */
export interface OwnNginx {
  readonly url: string;
  /** All that it wrote to its output so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts nginx as shipped; resolves when an instance answers through it. */
export async function startNginx(
  ports: readonly number[],
  environment: Readonly<Record<string, string>> = {},
): Promise<OwnNginx> {
  const scratch = mkdtempSync(join(tmpdir(), "nginx-"));
  const shipped = readFileSync(resolve("deploy/nginx.conf"), "utf8");
  const named = "server api:3000 max_fails=0;";
  if (!shipped.includes(named)) throw new Error(`deploy/nginx.conf has no ${named}`);
  const servers = ports.map((port) => named.replace("api:3000", `instances.test:${port}`));
  writeFileSync(join(scratch, "nginx.conf"), shipped.replace(named, servers.join("\n")));
  const lines: string[] = [];
  const nginx = await new GenericContainer("nginx:1.28")
    // nginx.sh looks for `api` to begin with.
    .withExtraHosts(["instances.test", "api"].map((host) => ({ host, ipAddress: "host-gateway" })))
    .withEnvironment(environment)
    .withCopyFilesToContainer([
      { source: join(scratch, "nginx.conf"), target: "/etc/nginx/nginx.conf" },
      { source: resolve("deploy/nginx.sh"), target: "/deploy/nginx.sh" },
    ])
    .withCommand(["sh", "/deploy/nginx.sh"])
    .withExposedPorts(80)
    .withLogConsumer((stream) => {
      stream.on("data", (line) => lines.push(String(line)));
    })
    .withWaitStrategy(Wait.forHttp("/health/live", 80).forStatusCode(200))
    .start();
  return {
    url: `http://${nginx.getHost()}:${nginx.getMappedPort(80)}`,
    log: () => lines.join(""),
    async stop() {
      await nginx.stop({ timeout: 0 });
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
