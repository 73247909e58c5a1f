import type { ChildProcess } from "node:child_process";
import { spawnNode, stopProcess, TARGET_CPUS } from "./processes.ts";
import { type BenchStack, JWT_SECRET } from "./stack.ts";

/** An instance that runs in its own process, as in production. */
export interface Instance {
  readonly host: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly process: ChildProcess;
  /** The time from exec to the first answer of `/health/ready`. Units: milliseconds. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** The options of an instance. */
export interface InstanceOptions {
  readonly database: string;
  readonly port: number;
  readonly cpus?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** The entry of another checkout; this one's by default. */
  readonly entry?: string;
}

/** The options of the image. */
const SHIPPED_NODE_OPTIONS = ["--max-semi-space-size=16", "--heap-growing-percent=100"];
const READY_WITHIN_MS = 30_000;

/** Starts `src/main.ts` and waits until the instance is ready. Errors: when that takes more than 30 s. */
export async function startInstance(
  stack: BenchStack,
  options: InstanceOptions,
): Promise<Instance> {
  const { database, port } = options;
  const beganAt = performance.now();
  const child = spawnNode(
    [...SHIPPED_NODE_OPTIONS, ...(options.nodeOptions ?? []), options.entry ?? "src/main.ts"],
    {
      cpus: options.cpus ?? TARGET_CPUS,
      logFile: `instance-${port}.log`,
      environment: {
        HOST: "127.0.0.1",
        PORT: String(port),
        DATABASE_URL: stack.databaseUrl(database),
        DATABASE_DIRECT_URL: stack.directUrl(database),
        REDIS_URL: stack.redisUrl,
        JWT_SECRET,
        RATE_LIMIT_PER_MINUTE: "1000000000",
        ...options.environment,
      },
    },
  );
  const host = "127.0.0.1";
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the instance ended: see instance-${port}.log`);
    if (performance.now() - beganAt > READY_WITHIN_MS) {
      await stopProcess(child);
      throw new Error(`the instance is not ready: see instance-${port}.log`);
    }
    try {
      const { status } = await fetch(`http://${host}:${port}/health/ready`);
      if (status === 200) break;
    } catch {
      // The process does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    host,
    port,
    pid: child.pid,
    process: child,
    readyMs: performance.now() - beganAt,
    stop: () => stopProcess(child),
  };
}
