import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const LABEL = "halal-bench.pid";
const OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

/** What to start; `cpus` is a list as `taskset` takes it, null for all. */
export interface ContainerOptions {
  readonly image: string;
  readonly network: string;
  readonly alias?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly mounts?: readonly string[];
  readonly command?: readonly string[];
  readonly extra?: readonly string[];
}

/** A running container of this run. */
export interface Container {
  readonly id: string;
  /** Where the host reaches it; empty on the host's own network. */
  readonly host: string;
}

/** Runs the docker client and gives what it printed. Errors: what docker wrote, as one message. */
export async function docker(...parameters: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", parameters, { maxBuffer: OUTPUT_MAX_BYTES });
  return stdout.trim();
}

/** Starts a container that goes away when it is stopped, marked as this run's. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { environment = {}, mounts = [], command = [], extra = [], alias } = options;
  const id = await docker(
    "run",
    "--detach",
    "--rm",
    "--label",
    `${LABEL}=${process.pid}`,
    "--network",
    options.network,
    ...(alias === undefined ? [] : ["--network-alias", alias]),
    ...Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...mounts.flatMap((mount) => ["--volume", mount]),
    ...extra,
    options.image,
    ...command,
  );
  const host = await docker(
    "inspect",
    "--format",
    "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
    id,
  );
  return { id, host };
}

/** Processor time a container has used so far. Units: seconds. */
export async function containerCpuSeconds({ id }: Container): Promise<number> {
  const read =
    "cat /sys/fs/cgroup/cpuacct/cpuacct.usage || grep usage_usec /sys/fs/cgroup/cpu.stat";
  const usage = await docker("exec", id, "sh", "-c", read);
  const isMicroseconds = usage.startsWith("usage_usec ");
  return isMicroseconds ? Number(usage.split(" ")[1]) / 1e6 : Number(usage) / 1e9;
}

/** Makes a network of this run's own and gives its name. */
export async function createNetwork(): Promise<string> {
  const name = `halal-bench-${process.pid}`;
  await docker("network", "create", "--label", `${LABEL}=${process.pid}`, name);
  return name;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Removes this run's containers and networks, and those of runs that ended without doing so. */
export async function removeLeftovers(): Promise<void> {
  const format = `{{.ID}} {{.Label "${LABEL}"}}`;
  const idsOf = (listing: string) =>
    listing.split("\n").flatMap((line) => {
      const [id, pid] = line.split(" ");
      const isOurs = Number(pid) === process.pid || !isAlive(Number(pid));
      return id !== undefined && id !== "" && isOurs ? [id] : [];
    });
  const filter = ["--filter", `label=${LABEL}`, "--format", format];
  const containers = idsOf(await docker("ps", "--all", ...filter));
  if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
  const networks = idsOf(await docker("network", "ls", ...filter));
  if (networks.length > 0) await docker("network", "rm", ...networks);
}

/** Asks again until it does not fail. Errors: the last one, when the time is over. */
export async function untilWorks<T>(withinMs: number, ask: () => Promise<T>): Promise<T> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > endsAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
