import { type ChildProcess, spawn } from "node:child_process";
import type { Stack } from "./stack.ts";

/** A worker as production runs it: a process of its own. */
export interface WorkerProcess {
  readonly process: ChildProcess;
  /** The address of its health and metrics. */
  readonly url: string;
  /** The exit code, or the signal that ended the process. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function killWorkerProcesses(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Starts `node src/worker.ts` on the stack; resolves when it works. */
export async function startWorkerProcess(
  stack: Pick<Stack, "databaseUrl">,
  environment: Readonly<Record<string, string>>,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ["src/worker.ts"], {
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      HOST: "127.0.0.1",
      DATABASE_URL: stack.databaseUrl,
      ALLOW_DEVELOPMENT_SECRETS: "true",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve(code ?? signal);
    });
  });
  let output = "";
  const port = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-10_000);
        const line = output.split("\n").find((one) => one.includes('"msg":"working"'));
        const found = /"port":(\d+)/.exec(line ?? "")?.[1];
        if (found !== undefined) resolve(found);
      });
    void ended.then((how) => reject(new Error(`the worker ended (${String(how)}): ${output}`)));
  });
  return { process: child, url: `http://127.0.0.1:${port}`, ended };
}
