import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The folder of logs and results; ignored by git. */
export const RESULTS_DIR = "bench/results";
const TICKS_PER_SECOND = 100;
const hasTaskset = spawnSync("taskset", ["--version"]).status === 0 && availableParallelism() > 1;

/** The measured process runs on the first core, the load generator on the second. */
export const TARGET_CPUS = "0";
export const LOAD_CPUS = "1";
export const ALL_CPUS = `0-${availableParallelism() - 1}`;

/** Runs a command of the project. Errors: the command's output, when it fails. */
export async function runCommand(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  directory = process.cwd(),
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, parameters, {
    env: { ...process.env, ...environment },
    cwd: directory,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Starts Node, bound to cores if the machine supports it. */
export function spawnNode(
  parameters: readonly string[],
  options: {
    readonly cpus: string;
    readonly environment?: Readonly<Record<string, string>>;
    /** Null for the output of this process. */
    readonly logFile: string | null;
  },
): ChildProcess {
  const command = [process.execPath, ...parameters];
  const [file = "", ...rest] = hasTaskset ? ["taskset", "-c", options.cpus, ...command] : command;
  mkdirSync(RESULTS_DIR, { recursive: true });
  const log =
    options.logFile === null ? "inherit" : openSync(join(RESULTS_DIR, options.logFile), "a");
  return spawn(file, rest, {
    env: { ...process.env, ...options.environment },
    stdio: ["ignore", log, log, "ipc"],
  });
}

/** Ends a process and waits for it; kills it when it takes too long. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Returns the processor time of a process; NaN where the system does not provide it. Units: seconds. */
export function cpuSeconds(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

/** Returns the resident memory of a process; NaN where the system does not provide it. Units: 1,000,000 bytes. */
export function residentMegabytes(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
  } catch {
    return Number.NaN;
  }
}
