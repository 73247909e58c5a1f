import { drizzle } from "drizzle-orm/postgres-js";
import { refreshTrending } from "../../src/jobs/trends.ts";
import { ALL_CPUS } from "../processes.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Instance, startInstance } from "../instance.ts";
import type { BenchStack } from "../stack.ts";

const DATABASE = "bench_trends";
const PORT = 4186;
const DAYS_KEPT = 400;
const SCANS = 100_000_000;
/** A week is what a refresh reads; another day lies beside it. */
const DAYS = 8;
const USERS = 1_000_000;
const PRODUCTS = 300_000;
const CELLS = 4_000;
const CELLS_ASKED = 400;
const ANSWER_MAX_MS = 5;
const REFRESH_MAX_MS = 10_000;

/**
 * Measures `trending.products` over roll-ups as 100 million scans in 400 days leave them; the quick form has the last
 * eight days of them, which is what a refresh reads.
 */
export async function runTrends(
  stack: BenchStack,
  { say, quick }: RunOptions,
): Promise<ScenarioResult> {
  const scansADay = SCANS / DAYS_KEPT;
  const days = quick ? DAYS : DAYS_KEPT;
  await stack.pin(ALL_CPUS);
  await stack.createDatabase(DATABASE);
  const sql = stack.superuser(DATABASE);
  let instance: Instance | undefined;
  try {
    await sql`
      create table bench_places as select place, st_geohash(st_makepoint(place % 90, place / 90.0), 5) as cell5
      from generate_series(0, ${CELLS}::int) as place`;
    await sql`analyze bench_places`;
    for (let ago = DAYS; ago >= 1; ago -= 1) {
      say(`rolling up ${scansADay.toLocaleString("en")} scans of ${ago} days ago`);
      // Few products and few places have most of the scans: both are spread evenly over the logarithm.
      await sql.begin(async (transaction) => {
        await transaction`set local work_mem = '768MB'`;
        await transaction`
          insert into scan_rollups (day, cell5, barcode, users)
          select current_date - ${ago}::int, s.cell5, s.barcode, bit_or(s.users)
          from (
            select cells.cell5, one.barcode, one.users
            from (
              select user_bit(md5((random() * ${USERS})::int::text)::uuid, t.seed) as users,
                lpad(exp(random() * ln(${PRODUCTS}::float8))::int::text, 14, '0') as barcode,
                exp(random() * ln(${CELLS}::float8))::int as place
              from trend_seed t, generate_series(1, ${scansADay}::int)
              offset 0
            ) as one
            join bench_places p on p.place = one.place
            cross join lateral (values (''), (p.cell5)) as cells(cell5)
          ) as s
          group by s.cell5, s.barcode order by s.cell5, s.barcode`;
      });
      await sql`insert into scan_rollup_days (day) values (current_date - ${ago}::int)`;
    }
    if (days > DAYS) await copyDays(sql, days, say);
    await sql`analyze scan_rollups, scan_rollup_days`;
    const db = drizzle(sql);
    const refreshMs: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      const beganAt = performance.now();
      await refreshTrending(db);
      refreshMs.push(performance.now() - beganAt);
      say(`refreshed in ${Math.round(refreshMs.at(-1) ?? 0)} ms`);
    }
    await sql`vacuum analyze trending_products`;
    const [size] = await sql<{ rows: number; shown: number; fewest: number; cells: string[] }[]>`
      select (select count(*)::int from scan_rollups) as rows, count(*)::int as shown, min(users)::int as fewest,
        array(select cell5 from trending_products where cell5 <> '' group by cell5 order by count(*) desc limit ${CELLS_ASKED}) as cells
      from trending_products`;
    if (size === undefined) throw new Error("the roll-ups gave no row");
    instance = await startInstance(stack, { database: DATABASE, port: PORT });
    const loaded = await timesOf(instance, size.cells);
    const kept = await timesOf(instance, size.cells);
    return report({
      ...size,
      days: quick ? DAYS : DAYS_KEPT,
      cells: size.cells.length,
      scansADay,
      refreshMs,
      loaded,
      kept,
    });
  } finally {
    await instance?.stop();
    await sql.end();
    await stack.dropDatabase(DATABASE);
  }
}

/** Adds the days before the last ones, each as a copy of one of those. */
async function copyDays(
  sql: ReturnType<BenchStack["superuser"]>,
  days: number,
  say: RunOptions["say"],
): Promise<void> {
  await sql`alter table scan_rollups drop constraint scan_rollups_day_cell5_barcode_pk`;
  await sql`create unlogged table copied as select * from scan_rollups`;
  for (let day = DAYS + 1; day <= days; day += DAYS) {
    say(`copying roll-ups of ${day} to ${day + DAYS - 1} days ago`);
    await sql`
      insert into scan_rollups (day, cell5, barcode, users)
      select day - ${day - 1}::int, cell5, barcode, users from copied`;
  }
  say("making the key");
  await sql.begin(async (transaction) => {
    await transaction`set local maintenance_work_mem = '2GB'`;
    await transaction`
      alter table scan_rollups add constraint scan_rollups_day_cell5_barcode_pk primary key (day, cell5, barcode)`;
  });
}

/** How long calls take one after the other, each for another cell. Units: milliseconds. */
async function timesOf({ host, port }: Instance, cells: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (const cell5 of cells) {
    const query = encodeURIComponent(JSON.stringify({ cell5, limit: 50 }));
    const beganAt = performance.now();
    const response = await fetch(`http://${host}:${port}/trpc/trending.products?input=${query}`);
    const body = await response.text();
    times.push(performance.now() - beganAt);
    if (response.status !== 200) throw new Error(body);
  }
  // The first ones open connections.
  return times.slice(cells.length / 10).sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

interface Figures {
  readonly days: number;
  readonly scansADay: number;
  readonly rows: number;
  readonly shown: number;
  readonly fewest: number;
  readonly cells: number;
  readonly refreshMs: readonly number[];
  /** Units: milliseconds. */
  readonly loaded: readonly number[];
  readonly kept: readonly number[];
}

function report(figures: Figures): ScenarioResult {
  const { scansADay, days, rows, shown, fewest, cells, refreshMs, loaded, kept } = figures;
  const row = (what: string, ours: string, target: string, reached: boolean) => ({
    what,
    ours,
    limit: "",
    ratio: "",
    target,
    reached,
  });
  const answers = (what: string, times: readonly number[]) =>
    row(
      `trending.products of a cell, ${what}, p95 (p50)`,
      `${at(times, 0.95).toFixed(2)} ms (${at(times, 0.5).toFixed(2)} ms)`,
      `≤ ${ANSWER_MAX_MS} ms`,
      at(times, 0.95) <= ANSWER_MAX_MS,
    );
  const slowest = Math.max(...refreshMs);
  return {
    name: "trends",
    title: "Trends",
    rows: [
      answers("from the database", loaded),
      answers("from memory", kept),
      row(
        "refreshing what is trending, slowest of three",
        `${(slowest / 1000).toFixed(2)} s`,
        `≤ ${REFRESH_MAX_MS / 1000} s`,
        slowest <= REFRESH_MAX_MS,
      ),
      row("fewest users of a product that is shown", String(fewest), "≥ 20", fewest >= 20),
    ],
    plots: [],
    notes: [
      `${rows.toLocaleString("en")} roll-ups of ${days} days with ${scansADay.toLocaleString("en")} scans each; the days before the last ${DAYS} are copies of those. ${shown.toLocaleString("en")} products in ${cells} or more cells are shown.`,
      "Calls one after the other, over HTTP and through PgBouncer.",
    ],
    figures,
  };
}
