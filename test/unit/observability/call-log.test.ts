import { describe, expect, it } from "vitest";
import type { CallRecord } from "../../../src/observability/call-record.ts";
import { createCallObserver, createUserHash } from "../../../src/observability/call-log.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";

const USER_ID = "7b1d5a2e-54f2-4a0e-9d70-2f6f3f3a1b11";
const HIT: CallRecord = {
  procedure: "store.nearby",
  isWrite: false,
  durationMs: 1.234,
  code: "OK",
  error: null,
  cacheState: "HIT",
  userId: null,
  requestId: "r-1",
};

function observer() {
  const text: string[] = [];
  const reported: string[] = [];
  const metrics = createMetrics();
  const calls = createCallObserver({
    metrics,
    logger: createLogger("info", { write: (line) => void text.push(line) }),
    errors: {
      load: () => Promise.resolve(),
      report: (error, about) => void reported.push(JSON.stringify({ error, about })),
      flush: () => Promise.resolve(),
    },
    hashUser: createUserHash("key"),
  });
  const lines = () => text.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    finished: (call: CallRecord) => calls.finished(call),
    limited: (...told: Parameters<typeof calls.limited>) => calls.limited(...told),
    lines,
    text,
    reported,
  };
}

describe("the call log", () => {
  it("has a line for every write, failure and slow call", () => {
    const { finished, lines } = observer();
    finished({ ...HIT, procedure: "scans.record", isWrite: true, userId: USER_ID });
    finished({ ...HIT, code: "BAD_REQUEST", error: new Error("no") });
    finished({ ...HIT, durationMs: 251 });
    finished({ ...HIT, code: "SERVICE_UNAVAILABLE", error: new Error("away") });
    expect(lines()).toMatchObject([
      { level: 30, procedure: "scans.record", code: "OK", durationMs: 1.2, requestId: "r-1" },
      { level: 30, code: "BAD_REQUEST", cache: "HIT" },
      { level: 30, code: "OK", slow: true, durationMs: 251 },
      { level: 40, code: "SERVICE_UNAVAILABLE", err: { message: "away" } },
    ]);
  });

  it("has one line for a thousand fast and successful queries", () => {
    const { finished, lines } = observer();
    for (let i = 0; i < 2_500; i += 1) finished(HIT);
    expect(lines()).toHaveLength(2);
  });

  it("shows a user as a keyed hash, the same each time", () => {
    const { finished, text, lines } = observer();
    for (let i = 0; i < 2; i += 1) finished({ ...HIT, isWrite: true, userId: USER_ID });
    const [one, two] = lines().map((line) => line["user"]);
    expect(one).toMatch(/^[0-9a-f]{12}$/);
    expect(one).toBe(two);
    expect(text.join("")).not.toContain(USER_ID);
    expect(createUserHash("another key")(USER_ID)).not.toBe(one);
  });

  it("sends only unexpected errors to the error tracker, without the caller's input", () => {
    const { finished, reported, lines } = observer();
    for (const code of ["BAD_REQUEST", "UNAUTHORIZED", "SERVICE_UNAVAILABLE", "OK"])
      finished({ ...HIT, code, error: new Error("expected") });
    expect(reported).toEqual([]);
    const error = new Error(`no place at 48.85661 for ${USER_ID}`);
    finished({ ...HIT, code: "INTERNAL_SERVER_ERROR", error, userId: USER_ID });
    expect(reported).toHaveLength(1);
    expect(lines().at(-1)).toMatchObject({ level: 50, err: { type: "Error" } });
    expect(reported.join("") + JSON.stringify(lines())).not.toMatch(/48\.85661|7b1d5a2e/);
  });

  it("shows a limited caller as a hash", () => {
    const { limited, text } = observer();
    limited("address:203.0.113.7", "store.nearby", "r-2");
    expect(text.join("")).toContain("TOO_MANY_REQUESTS");
    expect(text.join("")).not.toContain("203.0.113.7");
  });
});
