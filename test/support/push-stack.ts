import { expect, vi } from "vitest";
import type { Database } from "../../src/db/client/database.ts";
import type { Audience } from "../../src/db/tables/push.ts";
import { openPushService, type PushService } from "../../src/jobs/push/expo.ts";
import { planNotification } from "../../src/jobs/push/planning.ts";
import { PushSender } from "../../src/jobs/push/sender.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { type ExpoStandIn, startExpoStandIn } from "./expo-stand-in.ts";
import { openJobDatabase } from "./job-database.ts";
import { openStack, type Stack } from "./stack.ts";

/** A token as Expo's client gives it. */
export const tokenOf = (n: number | string) => `ExponentPushToken[${n}]`;

/** A stack with phones, and Expo's stand-in. */
export interface PushStack {
  readonly stack: Stack;
  readonly database: Database;
  readonly expo: ExpoStandIn;
  readonly service: PushService;
  /** Registers `count` phones, each of a user of its own. */
  insertDevices(count: number): Promise<void>;
  /** Makes a notification and plans it; gives its id. */
  notify(audience?: Audience, isGravest?: boolean): Promise<string>;
  /** How many deliveries are in each state. */
  states(): Promise<Record<string, number>>;
  startSender(): PushSender;
  untilNoneIs(...states: string[]): Promise<void>;
  /** Forgets all phones, notifications and what Expo took. */
  reset(): Promise<void>;
  /** Stops all senders. */
  stopSenders(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a stack for tests of push notifications. */
export async function openPushStack(): Promise<PushStack> {
  const stack = await openStack();
  const database = openJobDatabase(stack);
  const expo = await startExpoStandIn();
  // The SDK reads its address when it is loaded.
  process.env["EXPO_BASE_URL"] = expo.url;
  const service = openPushService(null, expo.url);
  let senders: PushSender[] = [];
  const { sql } = stack;
  const states = async () => {
    const rows = await sql<{ state: string; n: number }[]>`
      select state, count(*)::int as n from deliveries group by state`;
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  };
  const stopSenders = async () => {
    await Promise.all(senders.map((sender) => sender.stop()));
    senders = [];
  };
  return {
    stack,
    database,
    expo,
    service,
    states,
    stopSenders,
    async insertDevices(count) {
      await sql`
        insert into devices (user_id, token, platform, time_zone)
        select md5('u' || i)::uuid, 'ExponentPushToken[' || i || ']', 'ios', 'Europe/Paris'
        from generate_series(1, ${count}::int) as i`;
      await sql`insert into push_tokens (token, owner) select token, user_id from devices`;
    },
    async notify(audience = { to: "everybody" }, isGravest = false) {
      const [row] = await sql<{ id: string }[]>`
        insert into push_notifications (kind, is_gravest, title, body, audience, expires_at)
        values ('alert', ${isGravest}, 'Title', 'Body', ${sql.json(audience)}, now() + interval '1 day') returning id`;
      const id = row?.id ?? "";
      await planNotification(database.db, id);
      return id;
    },
    startSender() {
      const logger = createLogger("silent");
      const sender = new PushSender({ db: database.db, logger, service, onOutcome: () => {} });
      senders.push(sender);
      sender.start();
      return sender;
    },
    async untilNoneIs(...open) {
      await vi.waitFor(
        async () => {
          const now = await states();
          expect(open.map((state) => now[state] ?? 0)).toEqual(open.map(() => 0));
        },
        { timeout: 80_000, interval: 100 },
      );
    },
    async reset() {
      await sql`truncate devices, push_tokens, push_preferences, push_notifications, deliveries, push_unsent, scans, favorites`;
      await sql`update push_rate set halted_at = null, next_at = now()`;
      await sql`update push_slots set free_at = now(), holder = null, held_until = null`;
      expo.forget();
    },
    async close() {
      await stopSenders();
      await database.close();
      await expo.close();
      await stack.close();
    },
  };
}
