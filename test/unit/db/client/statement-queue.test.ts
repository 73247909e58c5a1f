import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OVERLOADED_FOR_MS, STANDING_MS } from "../../../../src/controlled-delay.ts";
import { OVERLOAD_WAIT_MAX_MS, StatementQueue } from "../../../../src/db/client/statement-queue.ts";

const DEADLINE_MS = 10_000;

/** A queue with one connection, and the outcomes of the statements that asked for it. */
function stage(isControlled = true) {
  const queue = new StatementQueue({ runningMax: 1, waitingMax: 50, isControlled });
  const outcomes: ("waits" | "runs" | "rejected")[] = [];
  return {
    queue,
    outcomes,
    arrive: () => {
      const index = outcomes.push("waits") - 1;
      queue.enter(DEADLINE_MS).then(
        () => (outcomes[index] = "runs"),
        () => (outcomes[index] = "rejected"),
      );
    },
    count: (outcome: (typeof outcomes)[number]) =>
      outcomes.filter((each) => each === outcome).length,
  };
}

describe("the queue of statements before the database", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = async (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it("lets a burst wait and run in the order in which it arrived", async () => {
    const { arrive, queue, outcomes } = stage();
    for (let i = 0; i < 20; i += 1) arrive();
    for (let begun = 1; begun < 20; begun += 1) {
      await pass(STANDING_MS / 25);
      queue.leave();
      await pass(0);
      expect(outcomes.indexOf("waits")).toBe(begun === 19 ? -1 : begun + 1);
    }
    expect(queue.shed).toBe(0);
  });

  it("rejects early what waits in an overload, also while no statement ends, until nobody waits any more", async () => {
    const { arrive, queue, count } = stage();
    arrive();
    arrive();
    await pass(STANDING_MS * 1.1);
    expect(count("rejected")).toBe(1);
    arrive();
    await pass(OVERLOAD_WAIT_MAX_MS * 1.3);
    expect(count("rejected")).toBe(2);
    queue.leave();
    await pass(OVERLOADED_FOR_MS * 1.1);
    arrive();
    arrive();
    await pass(STANDING_MS / 2);
    expect([count("rejected"), queue.waiting]).toEqual([2, 1]);
  });

  it("rejects early nothing that may wait, as for jobs, but ends every wait at its deadline", async () => {
    const { arrive, count, queue } = stage(false);
    arrive();
    arrive();
    await pass(DEADLINE_MS * 0.9);
    expect(count("rejected")).toBe(0);
    await pass(DEADLINE_MS * 0.2);
    expect(count("rejected")).toBe(1);
    expect(queue.waiting).toBe(0);
  });

  it("rejects at once when as many wait as may", async () => {
    const { arrive, count } = stage();
    for (let i = 0; i < 53; i += 1) arrive();
    await pass(0);
    expect(count("rejected")).toBe(2);
  });
});
