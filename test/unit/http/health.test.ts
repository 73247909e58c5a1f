import { describe, expect, it } from "vitest";
import { type Probe, readiness, sharedCheck } from "../../../src/http/health.ts";

const probe = (name: string, required: boolean, check: Probe["check"]): Probe => ({
  name,
  required,
  check,
});
const well = () => Promise.resolve({ ok: true });
const ill = () => Promise.resolve({ ok: false, detail: "missing: 0001" });
const failing = () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.1:5432"));

describe("readiness", () => {
  it("is ready when every part is ok", async () => {
    expect(await readiness([probe("database", true, well)], false)).toEqual({
      status: "ready",
      checks: { database: { ok: true } },
    });
  });

  it("is degraded without an optional part, and unready without a required part", async () => {
    expect((await readiness([probe("redis", false, ill)], false)).status).toBe("degraded");
    expect((await readiness([probe("database", true, ill)], false)).status).toBe("unready");
    const both = [probe("database", true, failing), probe("redis", false, ill)];
    expect((await readiness(both, false)).status).toBe("unready");
  });

  it("does not show why a part cannot be reached", async () => {
    const state = await readiness([probe("database", true, failing)], false);
    expect(JSON.stringify(state)).not.toContain("10.0.0.1");
    expect(state.checks["database"]).toEqual({ ok: false, detail: "cannot be reached" });
  });

  it("does not wait for a part that hangs", async () => {
    const state = await readiness(
      [probe("database", true, () => new Promise(() => {})), probe("redis", false, well)],
      false,
    );
    expect(state).toEqual({
      status: "unready",
      checks: { database: { ok: false, detail: "no answer in time" }, redis: { ok: true } },
    });
  });

  it("is draining during a stop, whatever the parts are", async () => {
    expect((await readiness([probe("database", true, well)], true)).status).toBe("draining");
  });
});

describe("a shared check", () => {
  it("runs once for concurrent callers, and again for later callers, even after a failure", async () => {
    let asked = 0;
    const check = sharedCheck(() => {
      asked += 1;
      return asked === 2 ? failing() : well();
    });
    expect(await Promise.all([check(), check(), check()])).toEqual([
      { ok: true },
      { ok: true },
      { ok: true },
    ]);
    expect(asked).toBe(1);
    await expect(check()).rejects.toThrow("ECONNREFUSED");
    expect(await check()).toEqual({ ok: true });
    expect(asked).toBe(3);
  });
});
