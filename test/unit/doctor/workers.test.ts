import { expect, test } from "vitest";
import { checkWorkers } from "../../../src/doctor/workers.ts";

const SOUND = {
  alive: 2,
  silentSeconds: 3,
  failedJobs: 0,
  pushHalted: null,
  feeds: 1,
  failingFeeds: [],
};
const levels = (facts: Partial<Parameters<typeof checkWorkers>[0]>) =>
  Object.fromEntries(
    checkWorkers({ ...SOUND, ...facts }).map(({ check, level }) => [check, level]),
  );

test("workers, failed jobs, push notifications and feeds of recalls are each a finding", () => {
  const sound = {
    workers: "ok",
    "failed jobs": "ok",
    "push notifications": "ok",
    "recall feeds": "ok",
  };
  expect(levels({})).toEqual(sound);
  expect(levels({ alive: 0 })).toEqual({ ...sound, workers: "fail" });
  expect(levels({ failedJobs: 1 })).toEqual({ ...sound, "failed jobs": "warn" });
  expect(levels({ pushHalted: "too many are dead" })).toEqual({
    ...sound,
    "push notifications": "fail",
  });
  const failingFeeds = [{ url: "https://feed.example/a?key=hidden", error: "it is gone" }];
  expect(levels({ failingFeeds })).toEqual({ ...sound, "recall feeds": "warn" });
  const told = checkWorkers({ ...SOUND, failingFeeds }).map(({ found }) => found);
  expect(told.join()).toContain("feed.example: it is gone");
  expect(told.join()).not.toContain("hidden");
});
