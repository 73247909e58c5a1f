import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportFigures } from "../support/calls.ts";
import { killInstanceProcesses, startInstanceProcess } from "../support/instance-process.ts";
import { openLoad, startLoad } from "../support/raw-load.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";

/** The share of its best goodput that an instance keeps at twice what it can take. */
const KEPT_MIN = 0.8;
/** Enough to keep the pool busy, and few enough that nothing waits long. */
const CONNECTIONS = 24;
const MEASURED_MS = 4_000;
/** Until then a queue may be a burst, which waits instead of being rejected. */
const SETTLES_MS = 5_000;
const DRAIN_MS = 4_000;

/** A request that no cache can answer. */
const request = () =>
  `GET /trpc/store.byId?input=${encodeURIComponent(JSON.stringify({ id: randomUUID() }))} HTTP/1.1\r\nhost: x\r\n\r\n`;

describe.skipIf(stackKind() !== "docker")("an instance past its capacity (docker stack)", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
  });
  afterAll(async () => {
    killInstanceProcesses();
    await stack.close();
  });

  it("answers nearly as many calls as at its best, and rejects the others", async () => {
    const { port } = await startInstanceProcess(stack);
    /** The best goodput, with as many calls at a time as the instance can work on. Units: calls a second. */
    const best = async () => {
      const load = startLoad(port, request, CONNECTIONS);
      await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
      const { counts } = load.end();
      return ((counts[404] ?? 0) / MEASURED_MS) * 1000;
    };
    await best();
    const before = await best();
    const over = await openLoad(port, request, {
      rate: 2 * before,
      settlesMs: SETTLES_MS,
      lastsMs: MEASURED_MS,
      drainMs: DRAIN_MS,
    });
    const kept = ((over.counts[404] ?? 0) / MEASURED_MS) * 1000;
    const after = await best();
    reportFigures("twice an instance's capacity", { before, kept, after, ...over });
    expect(Object.keys(over.counts).sort()).toEqual(["404", "503"]);
    expect(over.unanswered).toBe(0);
    expect(kept / Math.min(before, after)).toBeGreaterThan(KEPT_MIN);
  }, 120_000);
});
