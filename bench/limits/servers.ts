import { once } from "node:events";
import { spawnNode, stopProcess, TARGET_CPUS } from "../processes.ts";

/** A process that instances are compared with. */
export interface LimitServer {
  readonly pid: number | undefined;
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Starts bare `node:http` with a port for each size of answer. Units: bytes. */
export async function startBare(
  sizes: readonly number[],
  cpus = TARGET_CPUS,
): Promise<LimitServer> {
  const child = spawnNode(["bench/limits/bare.ts"], { cpus, logFile: null });
  child.send(sizes);
  const [ports] = (await once(child, "message")) as [number[]];
  return { pid: child.pid, ports, stop: () => stopProcess(child) };
}

/** Starts the usual pattern with a Redis that is filled already. */
export async function startNaive(redisUrl: string): Promise<LimitServer> {
  const child = spawnNode(["bench/limits/naive.ts"], {
    cpus: TARGET_CPUS,
    logFile: null,
    environment: { NAIVE_REDIS_URL: redisUrl },
  });
  const [port] = (await once(child, "message")) as [number];
  return { pid: child.pid, ports: [port], stop: () => stopProcess(child) };
}
