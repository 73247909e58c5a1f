import { describe, expect, it } from "vitest";
import { OVERLOADED_FOR_MS, STANDING_MS } from "../../../src/controlled-delay.ts";
import {
  IN_FLIGHT_MAX,
  LoadShedder,
  loadProbe,
  OVERLOAD_WAIT_MAX_MS,
  SLICE_MS,
  WAIT_MAX_MS,
  WAITING_MAX,
} from "../../../src/http/load-shedding.ts";

/** A shedder whose clock and event loop are advanced by the test. */
function stage() {
  let nowMs = 1_000;
  let work: (() => void)[] = [];
  let overloads = 0;
  const shedder = new LoadShedder({
    nowMs: () => nowMs,
    onOverload: () => {
      overloads += 1;
    },
    nextTurn: (next) => work.push(next),
  });
  const outcomes: (boolean | null)[] = [];
  return {
    shedder,
    outcomes,
    overloads: () => overloads,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Admits a request whose first step takes this long. */
    arrive: (costMs = 0): boolean | "waits" => {
      const index = outcomes.push(null) - 1;
      const entered = shedder.enter();
      const settle = (isAdmitted: boolean) => {
        outcomes[index] = isAdmitted;
        if (isAdmitted) nowMs += costMs;
      };
      if (typeof entered === "boolean") {
        settle(entered);
        return entered;
      }
      void entered.then(settle);
      return "waits";
    },
    turn: async () => {
      const now = work;
      work = [];
      for (const next of now) next();
      await new Promise((resolve) => setImmediate(resolve));
    },
    scheduled: () => work.length,
  };
}

describe("load shedding", () => {
  it("admits requests at once while the event loop is idle, and schedules no turn without requests", async () => {
    const { arrive, turn, pass, scheduled, shedder } = stage();
    for (let i = 0; i < 50; i += 1) {
      expect([arrive(SLICE_MS / 2), arrive(SLICE_MS / 2)]).toEqual([true, true]);
      await turn();
      pass(1);
    }
    expect(scheduled()).toBe(0);
    expect(shedder.isOverloaded).toBe(false);
  });

  it("does not report an overload after one long turn", async () => {
    const { arrive, turn, pass, shedder } = stage();
    expect(arrive()).toBe(true);
    pass(5_000);
    await turn();
    expect(arrive()).toBe(true);
    expect(shedder.isOverloaded).toBe(false);
  });

  it("spreads a burst over several turns, in order, and rejects none of it", async () => {
    const { arrive, turn, outcomes, shedder } = stage();
    for (let i = 0; i < 100; i += 1) arrive(0.4 * SLICE_MS);
    expect(outcomes.slice(0, 4)).toEqual([true, true, true, null]);
    let turns = 0;
    while (shedder.waiting > 0) {
      const before = outcomes.filter((outcome) => outcome === true).length;
      await turn();
      turns += 1;
      const begun = outcomes.filter((outcome) => outcome === true).length;
      expect(begun - before).toBeLessThanOrEqual(3);
      expect(outcomes.indexOf(null)).toBe(begun === 100 ? -1 : begun);
    }
    expect(turns).toBeGreaterThan(30);
    expect(outcomes).toEqual(Array.from({ length: 100 }, () => true));
    await turn();
    expect(arrive()).toBe(true);
  });

  it("leaves as much time as a slice took to other work, and none without other work", async () => {
    const { arrive, turn, pass, outcomes } = stage();
    const begun = () => outcomes.filter((outcome) => outcome === true).length;
    for (let i = 0; i < 20; i += 1) arrive(SLICE_MS + 1);
    await turn();
    expect(begun()).toBe(2);
    for (let i = 0; i < SLICE_MS; i += 1) {
      pass(1);
      await turn();
      expect(begun()).toBe(2);
    }
    pass(1);
    await turn();
    expect(begun()).toBe(3);
    await turn();
    expect(begun()).toBe(4);
  });

  it("rejects requests of a burst that wait too long", async () => {
    const { arrive, turn, pass, outcomes, overloads } = stage();
    arrive(SLICE_MS + 1);
    expect(arrive()).toBe("waits");
    pass(WAIT_MAX_MS + 1);
    await turn();
    expect(outcomes).toEqual([true, false]);
    expect(overloads()).toBe(1);
  });

  it("keeps waits short during an overload, continues to answer, and admits every request after the overload", async () => {
    const { arrive, turn, pass, shedder, outcomes } = stage();
    // Twice the capacity: four requests arrive in a turn that starts two.
    const waits: number[] = [];
    for (let elapsedMs = 0; elapsedMs < STANDING_MS + 3_000; elapsedMs += 1.6 * SLICE_MS) {
      for (let i = 0; i < 4; i += 1) arrive(0.8 * SLICE_MS);
      waits.push(shedder.waiting);
      await turn();
    }
    const recent = outcomes.slice(-200);
    const share = recent.filter((outcome) => outcome === true).length / recent.length;
    expect(shedder.isOverloaded).toBe(true);
    expect(share).toBeGreaterThan(0.3);
    // At most the requests that can be processed in the waiting time.
    expect(shedder.waiting).toBeLessThanOrEqual(
      4 * Math.ceil(OVERLOAD_WAIT_MAX_MS / (1.6 * SLICE_MS)) + 4,
    );
    expect(Math.max(...waits)).toBeGreaterThan(shedder.waiting);

    while (shedder.waiting > 0) await turn();
    await turn();
    expect(arrive()).toBe(true);
    pass(OVERLOADED_FOR_MS + 1);
    expect(shedder.isOverloaded).toBe(false);
    expect(outcomes).not.toContain(null);
  });

  it("bounds the numbers of waiting requests and of requests in flight", () => {
    const { arrive, shedder, pass } = stage();
    arrive(SLICE_MS + 1);
    for (let i = 0; i < WAITING_MAX; i += 1) expect(arrive()).toBe("waits");
    expect(arrive()).toBe(false);

    const other = stage();
    other.shedder.inFlight = IN_FLIGHT_MAX;
    expect(other.arrive()).toBe(false);
    other.shedder.inFlight -= 1;
    expect(other.arrive()).toBe(true);
    pass(0);
    expect(shedder.waiting).toBe(WAITING_MAX);
  });

  it("reports an overload in its probe, which is not required for readiness", async () => {
    const { shedder, arrive, pass } = stage();
    const probe = loadProbe(shedder);
    expect(probe.required).toBe(false);
    expect(await probe.check()).toEqual({ ok: true });
    shedder.inFlight = IN_FLIGHT_MAX;
    arrive();
    expect(await probe.check()).toMatchObject({
      ok: false,
      detail: expect.stringContaining("2000 requests under way"),
    });
    shedder.inFlight = 0;
    pass(OVERLOADED_FOR_MS + 1);
    expect(await probe.check()).toEqual({ ok: true });
  });
});
