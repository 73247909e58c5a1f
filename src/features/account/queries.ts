import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client/database.ts";
import type { EraseOutput, Profile, UpdateProfileInput } from "./schemas.ts";

/** A `Profile`, as names and values. */
export const profileFields: SQL = sql`'madhab', madhab, 'languages', languages, 'allergens', allergens,
  'avoidBoycotted', avoid_boycotted, 'avoidAdditives', avoid_additives`;

/** A user's profile, or null when nothing was said. */
export async function findProfile(db: Db, userId: string): Promise<Profile | null> {
  const [row] = await db.execute<{ profile: Profile }>(sql`
    select json_build_object(${profileFields}) as "profile" from profiles where user_id = ${userId}::uuid`);
  return row?.profile ?? null;
}

/** Changes the given fields of a user's profile; gives what it is then. */
export async function saveProfile(
  db: Db,
  userId: string,
  { madhab, languages, allergens, avoidBoycotted, avoidAdditives }: UpdateProfileInput,
): Promise<Profile> {
  const list = (items: readonly string[] | undefined): SQL | undefined =>
    items &&
    sql`array(select value from jsonb_array_elements_text(${JSON.stringify([...new Set(items)])}::jsonb) with ordinality order by ordinality)`;
  const given: readonly (readonly [string, SQL | undefined])[] = [
    ["madhab", madhab === undefined ? undefined : sql`${madhab}::text`],
    ["languages", list(languages)],
    ["allergens", list(allergens)],
    ["avoid_boycotted", avoidBoycotted === undefined ? undefined : sql`${avoidBoycotted}::boolean`],
    ["avoid_additives", list(avoidAdditives)],
  ];
  const columns = given.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: sql.identifier(name), value }],
  );
  const names = columns.map(({ name }) => sql`, ${name}`);
  const values = columns.map(({ value }) => sql`, ${value}`);
  const changes = columns.map(({ name }) => sql`, ${name} = excluded.${name}`);
  const [row] = await db.execute<{ profile: Profile }>(sql`
    insert into profiles (user_id${sql.join(names)}) values (${userId}::uuid${sql.join(values)})
    on conflict (user_id) do update set updated_at = now()${sql.join(changes)}
    returning json_build_object(${profileFields}) as "profile"`);
  if (row === undefined) throw new Error("the profile gave no row");
  return row.profile;
}

/** Deletes everything that is kept about a user, in one transaction; gives how much that was. */
export async function eraseUser(db: Db, userId: string): Promise<EraseOutput> {
  const [row] = await db.execute<EraseOutput & Record<string, unknown>>(sql`
    select scans as "scans", favorites as "favorites", alert_reads as "alertReads", reports as "reports"
    from erase_user(${userId}::uuid)`);
  if (row === undefined) throw new Error("the erasure gave no row");
  return row;
}
