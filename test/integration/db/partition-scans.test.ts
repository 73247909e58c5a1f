import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makePlainScans } from "../../../bench/plain-scans.ts";
import { roundOldPositions } from "../../../src/jobs/scan-positions.ts";
import { eventually } from "../../support/calls.ts";
import { openJobDatabase } from "../../support/job-database.ts";
import {
  JWT_SECRET,
  openStack,
  type Instance,
  type Stack,
  stackKind,
} from "../../support/stack.ts";
import { newBarcode } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";
const PARTITIONS = 64;
const OLD_SCANS = 40_000;
const WRITERS = 6;

let stack: Stack;
let instance: Instance;
beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
});
afterAll(() => stack.close());

async function partitionsOf(): Promise<number> {
  const [row] = await stack.sql<{ count: number }[]>`
    select count(*)::int as count from pg_inherits where inhparent = 'scans'::regclass`;
  return row?.count ?? 0;
}

/** The indexes of `scans` with how many partitions have theirs. */
async function indexesOfScans() {
  return await stack.sql<{ index: string; isValid: boolean; parts: number }[]>`
    select c.relname as index, i.indisvalid as "isValid",
      (select count(*)::int from pg_inherits p where p.inhparent = i.indexrelid) as parts
    from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'scans'::regclass order by 1`;
}
const INDEXES = [
  "scans_barcode_user_id_idx",
  "scans_exact_position_idx",
  "scans_recorded_at_idx",
  "scans_user_id_id_pk",
  "scans_user_id_recorded_at_idx",
  "scans_user_id_scanned_at_idx",
];

it("a new deployment has partitions with every index; the embedded database has one table", async () => {
  const parts = isDocker ? PARTITIONS : 0;
  expect(await partitionsOf()).toBe(parts);
  expect(await indexesOfScans()).toEqual(INDEXES.map((index) => ({ index, isValid: true, parts })));
});

describe.skipIf(!isDocker)("npm run scans:partition (docker)", () => {
  const running = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of running) child.kill("SIGKILL");
  });

  /** Starts the command; gives its exit code, or its signal, and what it said. */
  function startCommand() {
    const child = spawn(process.execPath, ["src/cli/scans-partition.ts"], {
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: stack.databaseUrl,
        DATABASE_DIRECT_URL: stack.directUrl,
        JWT_SECRET,
      },
    });
    running.add(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    const ended = once(child, "exit").then(([code, signal]: unknown[]) => {
      running.delete(child);
      return { end: code ?? signal, said };
    });
    return { child, ended };
  }

  async function fillPlainTable(): Promise<void> {
    await makePlainScans(stack.sql);
    await stack.sql`
      insert into scans (user_id, id, barcode, scanned_at, recorded_at, latitude, longitude, halal_status, confidence)
      select md5('old ' || i % 3000)::uuid, md5('scan ' || i)::uuid, lpad(i::text, 14, '0'), now() - interval '60 days',
        now() - interval '60 days', 48.85, 2.35 + i * 0.000001, 'unknown', 0
      from generate_series(1, ${OLD_SCANS}::int) as i`;
    await stack.sql.unsafe("analyze scans");
  }

  it(
    "loses no row and fails no call under writes, also when it is killed and run again",
    { timeout: 240_000 },
    async () => {
      await fillPlainTable();
      const database = openJobDatabase(stack);
      const recorded = new Map<string, string>();
      const removed = new Set<string>();
      const erased = new Set<string>();
      const failures: unknown[] = [];
      const over = new AbortController();
      const writer = async (n: number) => {
        for (let round = 0; !over.signal.aborted; round += 1) {
          const userId = randomUUID();
          const client = await instance.as({ id: userId });
          const old = await instance.as({ id: await oldUser(n * 200 + (round % 200)) });
          try {
            const ids = [randomUUID(), randomUUID(), randomUUID()];
            for (const id of ids) {
              await client.scans.record.mutate({ id, barcode: newBarcode() });
              recorded.set(id, userId);
            }
            const [first = ""] = ids;
            await client.scans.remove.mutate({ id: first });
            removed.add(first);
            const { items } = await old.scans.history.query({ limit: 2 });
            for (const { id } of items.slice(0, 1)) {
              await old.scans.remove.mutate({ id });
              removed.add(id);
            }
            if (round % 5 === 4) {
              await client.account.erase.mutate();
              erased.add(userId);
            }
          } catch (error) {
            failures.push(error);
          }
        }
      };
      const oldUser = async (n: number) => {
        const [row] = await stack.sql<
          { id: string }[]
        >`select md5('old ' || ${n}::int)::uuid as id`;
        return row?.id ?? "";
      };
      const rounding = async () => {
        // One step at a time, each of many rows in another order than that of their keys.
        while (!over.signal.aborted) {
          await roundOldPositions(database.db, new Date(), 30, AbortSignal.abort()).catch(
            (error: unknown) => failures.push(error),
          );
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      };
      const work = Promise.all([
        rounding(),
        ...Array.from({ length: WRITERS }, (_, n) => writer(n)),
      ]);
      try {
        const first = startCommand();
        await eventually(
          60_000,
          async () => {
            const [table] = await stack.sql`select to_regclass('drizzle.scans_copied') as name`;
            if (table?.["name"] === null) return 0;
            const [row] = await stack.sql<{ rows: number }[]>`
              select rows::int as rows from drizzle.scans_copied`;
            return row?.rows ?? 0;
          },
          (rows) => rows > OLD_SCANS / 4,
        );
        first.child.kill("SIGKILL");
        expect((await first.ended).end).toBe("SIGKILL");
        expect(await partitionsOf()).toBe(0);
        const second = await startCommand().ended;
        expect([second.end, second.said]).toEqual([0, expect.stringContaining("going on where")]);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      } finally {
        over.abort();
        await work;
        await database.close();
      }
      expect(failures).toEqual([]);
      expect(recorded.size).toBeGreaterThan(50);
      expect(await partitionsOf()).toBe(PARTITIONS);
      expect(await indexesOfScans()).toEqual(
        INDEXES.map((index) => ({ index, isValid: true, parts: PARTITIONS })),
      );
      const rows = await stack.sql<{ id: string }[]>`select id from scans`;
      const there = new Set(rows.map(({ id }) => id));
      const old = await stack.sql<{ id: string }[]>`
        select md5('scan ' || i)::uuid as id from generate_series(1, ${OLD_SCANS}::int) as i`;
      const wanted = [
        ...old.map(({ id }) => id),
        ...[...recorded].flatMap(([id, userId]) => (erased.has(userId) ? [] : [id])),
      ].filter((id) => !removed.has(id));
      expect(wanted.filter((id) => !there.has(id))).toEqual([]);
      expect(rows).toHaveLength(wanted.length);
      // Rounded by the job in whichever table they were, or still exact, as they all lay at other places.
      const [positions] = await stack.sql<{ wrong: number }[]>`
        select count(*)::int as wrong from scans
        where latitude is not null and position_is_exact <> (latitude = 48.85)`;
      expect(positions?.wrong).toBe(0);
      const left = await stack.sql`
        select relname from pg_class where relname in ('scans_partitioned', 'plain', 'scans_copied')
        union all select proname from pg_proc where proname = 'copy_scans'`;
      expect(left).toEqual([]);
    },
  );

  it("says so when there is nothing to do", async () => {
    expect(await partitionsOf()).toBe(PARTITIONS);
    const { end, said } = await startCommand().ended;
    expect([end, said]).toEqual([0, expect.stringContaining("has partitions already")]);
  });

  it("copies again what differs", { timeout: 120_000 }, async () => {
    await fillPlainTable();
    const { partitionScans } = await import("../../../src/db/partitions/partition-scans.ts");
    const [reserved, said] = [await stack.sql.reserve(), [] as string[]];
    const sql = Object.assign(reserved, {
      begin: async (body: (transaction: typeof reserved) => Promise<unknown>) => {
        await reserved.unsafe("begin");
        try {
          await body(reserved);
          await reserved.unsafe("commit");
        } catch (error) {
          await reserved.unsafe("rollback");
          throw error;
        }
      },
    }) as unknown as Stack["sql"];
    let isDamaged = false;
    await partitionScans(sql, {
      log: (line) => said.push(line),
      onProgress: (done) => {
        if (isDamaged || done < 10_000) return;
        isDamaged = true;
        // A row less, a row more and a row that is another, past the trigger.
        void stack.sql
          .unsafe(`
            with gone as (delete from scans_partitioned where id = (select id from scans_partitioned limit 1)),
            other as (update scans_partitioned set confidence = 1
              where id = (select id from scans_partitioned offset 5 limit 1))
            insert into scans_partitioned (user_id, id, barcode, scanned_at, halal_status, confidence)
            values ('00000000-0000-4000-8000-000000000000', gen_random_uuid(), '00000000000000', now(), 'halal', 1)`)
          .then(() => undefined);
      },
    });
    reserved.release();
    expect(isDamaged).toBe(true);
    expect(said).toContainEqual(expect.stringContaining("copied again"));
    const [row] = await stack.sql<{ rows: number; strange: number }[]>`
      select count(*)::int as rows, count(*) filter (where confidence <> 0)::int as strange from scans`;
    expect(row).toEqual({ rows: OLD_SCANS, strange: 0 });
  });
});
