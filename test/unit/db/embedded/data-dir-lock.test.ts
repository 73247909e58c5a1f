import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireDataDirLock } from "../../../../src/db/embedded/data-dir-lock.ts";
import { StartupError } from "../../../../src/startup-error.ts";

let directory: string;
let holder: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lock-test-"));
});
afterEach(() => {
  holder?.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

async function holdElsewhere(): Promise<ChildProcess> {
  const module = new URL("../../../../src/db/embedded/data-dir-lock.ts", import.meta.url).href;
  const script = `
    const { acquireDataDirLock } = await import(${JSON.stringify(module)});
    acquireDataDirLock(${JSON.stringify(directory)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  await once(child.stdout, "data");
  return child;
}

test("a directory in use is rejected with the holder's pid, and can be locked after the holder is killed", async () => {
  holder = await holdElsewhere();
  expect(() => acquireDataDirLock(directory)).toThrow(StartupError);
  expect(() => acquireDataDirLock(directory)).toThrow(`(pid ${holder.pid})`);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  acquireDataDirLock(directory).release();
});

test("a second lock by the same process is rejected until the first is released", () => {
  const nested = join(directory, "a", "b");
  const lock = acquireDataDirLock(nested);
  expect(() => acquireDataDirLock(nested)).toThrow("in use");
  expect(readdirSync(nested)).toContain("lock.pid");
  lock.release();
  lock.release();
  acquireDataDirLock(nested).release();
});

test("a path that cannot be a directory gives a one-line error", () => {
  writeFileSync(join(directory, "file"), "");
  expect(() => acquireDataDirLock(join(directory, "file"))).toThrow(
    /^DATA_DIR .*file cannot be used: /,
  );
});
