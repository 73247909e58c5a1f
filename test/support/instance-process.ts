import { type ChildProcess, spawn } from "node:child_process";
import { JWT_SECRET, type Stack } from "./stack.ts";

/** An instance as production runs it: a process of its own. */
export interface InstanceProcess {
  readonly port: number;
  readonly url: string;
  readonly process: ChildProcess;
  /** The log so far, one entry a line. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** The exit code, or the signal that ended the process. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function killInstanceProcesses(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Starts `node src/main.ts` on the stack; resolves when it serves. Port 0: any free one. */
export async function startInstanceProcess(
  stack: Stack,
  options: {
    readonly port?: number;
    readonly environment?: Readonly<Record<string, string>>;
    readonly nodeArguments?: readonly string[];
  } = {},
): Promise<InstanceProcess> {
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), "src/main.ts"], {
    env: {
      PATH: process.env["PATH"],
      PORT: String(options.port ?? 0),
      HOST: "0.0.0.0",
      DATABASE_URL: stack.databaseUrl,
      JWT_SECRET,
      RATE_LIMIT_PER_MINUTE: "1000000000",
      ...(stack.redisUrl === null ? {} : { REDIS_URL: stack.redisUrl }),
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  running.add(child);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve(code ?? signal);
    });
  });
  const log: Record<string, unknown>[] = [];
  let output = "";
  const port = await new Promise<number>((resolve, reject) => {
    let rest = "";
    const read = (text: string) => {
      output += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter((candidate) => candidate.startsWith("{"))) {
        const entry = JSON.parse(line) as Record<string, unknown>;
        log.push(entry);
        if (entry["msg"] === "ready") resolve(Number(entry["port"]));
      }
    };
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", read);
    child.once("close", () => reject(new Error(`the instance did not start: ${output}`)));
  });
  return { port, url: `http://127.0.0.1:${port}`, process: child, log, ended };
}
