import { describe, expect, it } from "vitest";
import { ScheduleWriter } from "../../../bench/load/schedule.ts";

describe("ScheduleWriter", () => {
  it("returns all requests in order, for any number and length of requests", () => {
    const writer = new ScheduleWriter();
    const requests = Array.from({ length: 10_000 }, (_, i) => `GET /${i} ${"x".repeat(i % 400)}`);
    requests.forEach((request, i) => writer.add(i / 2, i % 7, 1 + (i % 5), request));
    const { dueMs, kinds, calls, ends, bytes } = writer.finish();
    const text = Buffer.from(bytes).toString("latin1");
    expect(dueMs.length).toBe(requests.length);
    expect(requests.map((_, i) => text.slice(ends[i - 1] ?? 0, ends[i]))).toEqual(requests);
    expect([dueMs[9_999], kinds[9_999], calls[9_999]]).toEqual([4_999.5, 9_999 % 7, 5]);
    expect(bytes.length).toBe(requests.join("").length);
  });
});
