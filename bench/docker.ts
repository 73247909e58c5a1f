import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const LABEL = "halal-bench.pid";
const OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

/** The options of a container; `cpus` is a list for `taskset`, or null for all cores. */
export interface ContainerOptions {
  readonly image: string;
  readonly network: string;
  readonly alias?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly mounts?: readonly string[];
  readonly command?: readonly string[];
  readonly extra?: readonly string[];
}

/** A container that this run has started. */
export interface Container {
  readonly id: string;
  /** The container's address; empty on the host's network. */
  readonly host: string;
}

/** Runs the docker client and returns its output. Errors: docker's message. */
export async function docker(...parameters: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", parameters, { maxBuffer: OUTPUT_MAX_BYTES });
  return stdout.trim();
}

/** Starts a container that is removed when it stops, with a label of this run. */
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

/** Returns the processor time of a container. Units: seconds. */
export async function containerCpuSeconds({ id }: Container): Promise<number> {
  const read =
    "cat /sys/fs/cgroup/cpuacct/cpuacct.usage || grep usage_usec /sys/fs/cgroup/cpu.stat";
  const usage = await docker("exec", id, "sh", "-c", read);
  const isMicroseconds = usage.startsWith("usage_usec ");
  return isMicroseconds ? Number(usage.split(" ")[1]) / 1e6 : Number(usage) / 1e9;
}

/** Creates a network for this run and returns its name. */
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

/** Removes the containers and networks of this run and of runs that crashed. */
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

/** Repeats a call until it succeeds. Errors: the last one, after `withinMs`. */
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
