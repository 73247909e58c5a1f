import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import { textArray } from "../../db/sql-fragments.ts";
import type { Preferences, PreferencesInput, RegisterInput } from "./schemas.ts";

/** Registers a phone of a user, which leaves the user who had it before. */
export async function registerDevice(db: Db, userId: string, device: RegisterInput): Promise<void> {
  const { token, platform, timeZone, cell5 = null } = device;
  await db.execute(
    sql`select register_device(${userId}::uuid, ${token}, ${platform}, ${timeZone}, ${cell5})`,
  );
}

/** Forgets a phone of a user; tells whether it was theirs. */
export async function unregisterDevice(db: Db, userId: string, token: string): Promise<boolean> {
  const [row] = await db.execute<{ removed: boolean }>(
    sql`select unregister_device(${userId}::uuid, ${token}) as "removed"`,
  );
  return row?.removed === true;
}

const timeOfDay = (minutes: SQL) => sql`to_char(make_interval(mins => ${minutes}), 'HH24:MI')`;

/** Units: minutes of the day. */
const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Changes what is given of a user's preferences; gives all of them. */
export async function savePreferences(
  db: Db,
  userId: string,
  changes: PreferencesInput,
): Promise<Preferences> {
  const { kinds, quietHours, areas, favorites, scannedProducts } = changes;
  const columns: [string, SQL][] = [];
  if (kinds !== undefined) columns.push(["kinds", textArray(kinds)]);
  if (quietHours !== undefined) {
    const { from, until } = quietHours ?? { from: null, until: null };
    columns.push(["quiet_from", sql`${from === null ? null : minutesOf(from)}::smallint`]);
    columns.push(["quiet_until", sql`${until === null ? null : minutesOf(until)}::smallint`]);
  }
  if (areas !== undefined) columns.push(["by_area", sql`${areas}::boolean`]);
  if (favorites !== undefined) columns.push(["by_favorites", sql`${favorites}::boolean`]);
  if (scannedProducts !== undefined) columns.push(["by_scans", sql`${scannedProducts}::boolean`]);
  const names = columns.map(([name]) => sql.identifier(name));
  const [row] = await db.execute<Preferences & Record<string, unknown>>(sql`
    insert into push_preferences as p (${sql.join([sql.identifier("user_id"), ...names], sql`, `)})
    values (${sql.join([sql`${userId}::uuid`, ...columns.map(([, value]) => value)], sql`, `)})
    on conflict (user_id) do update set ${sql.join(
      // Also when nothing is given, so that the row comes back.
      names.length === 0
        ? [sql`kinds = p.kinds`]
        : names.map((name) => sql`${name} = excluded.${name}`),
      sql`, `,
    )}
    returning to_json(p.kinds) as "kinds",
      case when p.quiet_from is not null
        then json_build_object('from', ${timeOfDay(sql`p.quiet_from::int`)}, 'until', ${timeOfDay(sql`p.quiet_until::int`)})
      end as "quietHours",
      p.by_area as "areas", p.by_favorites as "favorites", p.by_scans as "scannedProducts"`);
  if (row === undefined) throw new Error("the preferences gave no row");
  return row;
}
