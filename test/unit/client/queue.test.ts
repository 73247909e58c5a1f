import { TRPCClientError } from "@trpc/client";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Lane, SentOutcome } from "../../../packages/client/src/queue/lane.ts";
import { type ChangeEvent } from "../../../packages/client/src/queue/lane-sender.ts";
import { ChangeQueue } from "../../../packages/client/src/queue/queue.ts";
import { memoryStorage } from "../../../packages/client/src/storage/memory.ts";
import type { QueuedChange } from "../../../packages/client/src/storage/storage.ts";

/** An error as the server answers with it. */
function serverError(code: string, reason: string, more: object = {}): Error {
  const shape = { code: -32_600, message: reason, data: { code, reason, ...more } };
  return TRPCClientError.from({ error: shape });
}

const change = (id: string, owner: string | null = "user", body = "{}"): QueuedChange => ({
  id,
  lane: "scans",
  owner,
  body,
});

const open: ChangeQueue[] = [];

function queueOf(
  send: (ids: readonly string[]) => readonly SentOutcome[] | Promise<readonly SentOutcome[]>,
  options: { readonly owner?: () => string | null; readonly batchMax?: number } = {},
) {
  const { owner = () => "user", batchMax = 4 } = options;
  const storage = memoryStorage();
  const lane: Lane = {
    name: "scans",
    batchMax,
    send: async (changes) => send(changes.map(({ id }) => id)),
  };
  let clockMs = 0;
  const queue = new ChangeQueue({
    storage,
    lanes: [lane],
    owner: async () => owner(),
    nowMs: () => clockMs,
  });
  open.push(queue);
  const told: ChangeEvent[] = [];
  queue.subscribe((event) => told.push(event));
  return { queue, storage, told, setClock: (ms: number) => (clockMs = ms) };
}

const accept = (ids: readonly string[]): SentOutcome[] =>
  ids.map((id) => ({ state: "accepted", answer: id }));

afterEach(() => {
  for (const queue of open.splice(0)) queue.close();
});

describe("the queue of changes", () => {
  it("keeps the order and accepts the rest, whichever changes are poison to a whole call", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { maxLength: 5 }),
        fc.constantFrom("BAD_REQUEST", "PAYLOAD_TOO_LARGE"),
        async (count, poison, code) => {
          const arrived: string[] = [];
          const isPoison = (id: string) => poison.includes(Number(id));
          const { queue, told } = queueOf((ids) => {
            if (ids.some(isPoison)) throw serverError(code, "invalid_input");
            arrived.push(...ids);
            return accept(ids);
          });
          const all = Array.from({ length: count }, (_, n) => String(n));
          for (const id of all) await queue.append(change(id));
          await queue.flush();
          expect(arrived).toEqual(all.filter((id) => !isPoison(id)));
          expect(told.map(({ id }) => id)).toEqual(all);
          expect((await queue.refused()).map((one) => [one.id, one.code])).toEqual(
            all.filter(isPoison).map((id) => [id, code]),
          );
          expect(await queue.countWaiting()).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("keeps everything, in order, while there is no network or a proxy answers instead of the server", async () => {
    let answer: () => SentOutcome[] = () => {
      throw TRPCClientError.from(new TypeError("Network request failed"));
    };
    const arrived: string[] = [];
    const { queue } = queueOf((ids) => {
      const outcomes = answer();
      arrived.push(...ids);
      return outcomes.length === 0 ? accept(ids) : outcomes;
    });
    for (const id of ["a", "b"]) await queue.append(change(id));
    await queue.flush();
    answer = () => {
      throw new TRPCClientError("HTTP 403, and no JSON");
    };
    await queue.flush();
    expect(await queue.countWaiting()).toBe(2);
    answer = () => [];
    await queue.append(change("c"));
    await queue.flush();
    expect(arrived).toEqual(["a", "b", "c"]);
  });

  it("sends nothing before the time that the server has asked for, and then what was left", async () => {
    let calls = 0;
    const { queue, setClock } = queueOf((ids) => {
      calls += 1;
      if (calls > 1) return accept(ids);
      return ids.map((id, place) =>
        place === 0
          ? { state: "accepted", answer: id }
          : { state: "later", retryAfterSeconds: 3_600 },
      );
    });
    for (const id of ["a", "b"]) await queue.append(change(id));
    await queue.flush();
    setClock(3_599_000);
    await queue.flush();
    expect([calls, await queue.countWaiting()]).toEqual([1, 1]);
    setClock(3_600_000);
    await queue.flush();
    expect([calls, await queue.countWaiting()]).toEqual([2, 0]);
  });

  it("refuses a change at which the server fails again and again only when the next one is accepted", async () => {
    let isBroken = true;
    const { queue, told } = queueOf((ids) => {
      if (isBroken || ids.includes("poison"))
        throw serverError("INTERNAL_SERVER_ERROR", "internal");
      return accept(ids);
    });
    for (const id of ["poison", "b", "c"]) await queue.append(change(id));
    for (let pass = 0; pass < 10; pass += 1) await queue.flush();
    expect(await queue.countWaiting()).toBe(3);
    isBroken = false;
    for (let pass = 0; pass < 10; pass += 1) await queue.flush();
    expect(told.map(({ id, outcome }) => [id, outcome.state])).toEqual([
      ["poison", "refused"],
      ["b", "accepted"],
      ["c", "accepted"],
    ]);
  });

  it("sends the changes of the user who is signed in and of guests, and keeps those of others", async () => {
    let user: string | null = null;
    const arrived: string[] = [];
    const { queue } = queueOf(
      (ids) => {
        arrived.push(...ids);
        return accept(ids);
      },
      { owner: () => user },
    );
    await queue.append(change("of-a", "a"));
    await queue.append(change("of-guest", null));
    await queue.append(change("of-b", "b"));
    await queue.flush();
    expect(arrived).toEqual([]);
    user = "b";
    await queue.flush();
    expect(arrived).toEqual(["of-guest", "of-b"]);
    user = "a";
    await queue.flush();
    expect(arrived).toEqual(["of-guest", "of-b", "of-a"]);
  });

  it("tells of every outcome even when a listener throws, and sends a refused change again on request", async () => {
    let refuses = true;
    const { queue, told } = queueOf((ids) =>
      refuses
        ? ids.map(() => ({ state: "refused", code: "CONFLICT", message: "taken" }))
        : accept(ids),
    );
    queue.subscribe(() => {
      throw new Error("a fault of the app");
    });
    await queue.append(change("a"));
    await queue.append(change("b"));
    await queue.flush();
    expect(await queue.refused()).toMatchObject([
      { id: "a", code: "CONFLICT", message: "taken" },
      { id: "b" },
    ]);
    refuses = false;
    await queue.retry({ lane: "scans", id: "a" });
    await queue.discard({ lane: "scans", id: "b" });
    expect(told.map(({ id, outcome }) => [id, outcome.state])).toEqual([
      ["a", "refused"],
      ["b", "refused"],
      ["a", "accepted"],
    ]);
    expect([await queue.refused(), await queue.countWaiting()]).toEqual([[], 0]);
  });

  it("sends a change that comes while others are being sent", async () => {
    const arrived: string[] = [];
    const { queue } = queueOf(async (ids) => {
      arrived.push(...ids);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return accept(ids);
    });
    const all = Array.from({ length: 40 }, (_, n) => String(n));
    await Promise.all(
      all.map(async (id) => {
        await queue.append(change(id));
        await queue.flush();
      }),
    );
    expect(arrived).toEqual(all);
  });
});
