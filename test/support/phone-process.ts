import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

/** The options of a phone's process. */
export interface PhoneOptions {
  /** Its SQLite database. */
  readonly file: string;
  /** Of the server; null offline. */
  readonly url: string | null;
  readonly token: string;
  /** How many scans it makes while it is offline. */
  readonly scans: number;
  /** When it is killed, after it is ready; null: never. Units: milliseconds. */
  readonly killAfterMs: number | null;
}

/** Runs a phone as a process of its own until it ends or is killed; gives its exit code, null when it was killed. */
export async function runPhone(options: PhoneOptions): Promise<number | null> {
  const child = spawn(process.execPath, ["test/support/phone.ts"], {
    env: {
      PATH: process.env["PATH"],
      PHONE_DATABASE: options.file,
      PHONE_URL: options.url ?? "",
      PHONE_TOKEN: options.token,
      PHONE_SCANS: String(options.scans),
    },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const ready = new Promise((resolve) => child.once("message", resolve));
  await Promise.race([ready, ended]);
  if (options.killAfterMs !== null) {
    await Promise.race([pause(options.killAfterMs), ended]);
    child.kill("SIGKILL");
  }
  const code = await ended;
  if (code !== null && code !== 0) throw new Error(`the phone ended with ${code}: ${errors}`);
  return code;
}
