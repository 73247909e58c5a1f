import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  killInstanceProcesses,
  type InstanceProcess,
  startInstanceProcess,
} from "../../support/instance-process.ts";
import { beginExport, insertAccount } from "../../support/large-account.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

const LARGE = 30_000;
const HUGE = 150_000;

describe.skipIf(stackKind() !== "docker")("the memory of an instance that exports (docker)", () => {
  let stack: Stack;
  let instance: InstanceProcess;

  beforeAll(async () => {
    stack = await openStack();
    // A heap in which the rows of the answer have no room together.
    instance = await startInstanceProcess(stack, { nodeArguments: ["--max-old-space-size=160"] });
  });

  afterAll(async () => {
    killInstanceProcesses();
    await stack.close();
  });

  const peakBytes = () => {
    const status = readFileSync(`/proc/${instance.process.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  };

  /** Reads an export to its end; returns its size and the number of its scans. */
  async function drain(user: string): Promise<{ bytes: number; scans: number }> {
    let bytes = 0;
    let scans = 0;
    let rest = "";
    for await (const chunk of await beginExport(instance.url, user)) {
      bytes += (chunk as Buffer).length;
      const parts = (rest + (chunk as Buffer).toString("latin1")).split('"scannedAt":');
      scans += parts.length - 1;
      rest = parts.at(-1)?.slice(-12) ?? "";
    }
    return { bytes, scans };
  }

  it(`grows no more for an account of ${HUGE} scans than for one of ${LARGE}`, async () => {
    const [large, huge] = [randomUUID(), randomUUID()];
    await insertAccount(stack.sql, large, LARGE, 10);
    await insertAccount(stack.sql, huge, HUGE, 10);
    for (let i = 0; i < 3; i += 1) expect((await drain(large)).scans).toBe(LARGE);
    const before = peakBytes();
    const { bytes, scans } = await drain(huge);
    expect(scans).toBe(HUGE);
    expect(bytes).toBeGreaterThan(40e6);
    // Of buffers outside the heap.
    expect(peakBytes() - before).toBeLessThan(bytes / 2);
  }, 240_000);
});
