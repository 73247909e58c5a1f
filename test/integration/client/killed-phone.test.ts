import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nthBarcode } from "../../support/nth-barcode.ts";
import { type PhoneOptions, runPhone } from "../../support/phone-process.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const SCANS = 1_000;
const KILLS_OFFLINE = 25;
const KILLS_ONLINE = 25;
/** Long enough for some scans, and for one request or none. */
const KILL_OFFLINE_MAX_MS = 60;
const KILL_ONLINE_MAX_MS = 300;

let stack: Stack;
let instance: Instance;
let directory: string;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  directory = mkdtempSync(join(tmpdir(), "halal-phone-"));
});

afterAll(async () => {
  await stack.close();
  rmSync(directory, { recursive: true, force: true });
});

it("1,000 scans of a phone that is killed 50 times, offline and while it sends, arrive once each and in order", async () => {
  const userId = randomUUID();
  const token = (await bearer({ id: userId })).slice("Bearer ".length);
  const phone = { file: join(directory, "phone.db"), token, scans: SCANS };
  const runUntilKilled = async (options: Omit<PhoneOptions, "killAfterMs">, maxMs: number) =>
    (await runPhone({ ...options, killAfterMs: Math.random() * maxMs })) === null;
  let kills = 0;

  const offline = { ...phone, url: null };
  for (let run = 0; run < KILLS_OFFLINE; run += 1)
    if (await runUntilKilled(offline, KILL_OFFLINE_MAX_MS)) kills += 1;
  expect(await runPhone({ ...offline, killAfterMs: null })).toBe(0);

  const online = { ...phone, url: instance.url };
  for (let run = 0; run < KILLS_ONLINE; run += 1)
    if (await runUntilKilled(online, KILL_ONLINE_MAX_MS)) kills += 1;
  const arrivedBefore = await stack.sql`select 1 from scans where user_id = ${userId}`;
  expect(await runPhone({ ...online, killAfterMs: null })).toBe(0);

  // A phone that has sent everything ends before it is killed.
  expect(kills).toBeGreaterThanOrEqual(40);
  const scans = await stack.sql<{ barcode: string; recorded: string }[]>`
    select barcode, recorded_at::text as recorded from scans where user_id = ${userId} order by scanned_at`;
  expect(scans.map(({ barcode }) => barcode)).toEqual(
    Array.from({ length: SCANS }, (_, n) => `0${nthBarcode(n)}`),
  );
  const recorded = scans.map((scan) => scan.recorded);
  expect(recorded).toEqual(recorded.toSorted());
  expect(arrivedBefore.length).toBeGreaterThan(0);
}, 180_000);
