import { once } from "node:events";
import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../../src/seed/demo/random.ts";
import { gtinCheckDigit } from "../../../src/food/barcode.ts";
import {
  countEvents,
  countsOf,
  type Importer,
  openImporter,
  shops,
} from "../../support/import-run.ts";
import { openStack, type Stack, stackKind } from "../../support/stack.ts";

/** `IMPORT_STOPS=20` for more. */
const STOPS = Number(process.env["IMPORT_STOPS"] ?? 8);

let stack: Stack;
let importer: Importer;

beforeAll(async () => {
  stack = await openStack();
  importer = openImporter(stack);
});

afterAll(async () => {
  await importer.close();
  await stack.close();
});

describe("an import", () => {
  it("as a dry run shows the same and touches nothing", async () => {
    await importer.run("stores", importer.write("first.geojson", shops(30)));
    const path = importer.write(
      "dry.geojson",
      shops(40, (i) => (i < 5 ? { name: `Dry ${i}` } : {})),
    );
    const state = () => stack.sql`
      select (select count(*) from stores) as stores, (select max(id) from cache_events) as events,
        (select max(imported_at) from data_sources) as imported, (select max(updated_at) from stores) as updated`;
    const before = await state();
    const dry = await importer.run("stores", path, { isDryRun: true });
    expect(await state()).toEqual(before);
    expect(countsOf(await importer.run("stores", path))).toEqual(countsOf(dry));
    expect(dry.updated).toBeGreaterThan(0);
    expect(dry.inserted).toBeGreaterThan(0);
  });

  it("of a file that is cut off keeps what came before, says so, and goes on the next time", async () => {
    const lines = Array.from(
      { length: 6_000 },
      (_, i) =>
        `${JSON.stringify({ type: "Feature", id: `node/9${i}`, properties: { name: `Cut ${i} ${Math.sin(i)}`, shop: "deli" }, geometry: { type: "Point", coordinates: [10 + Math.cos(i), 50] } })}\n`,
    ).join("");
    const gzip = gzipSync(lines);
    const cut = await importer.run(
      "stores",
      importer.write("cut.gz", gzip.subarray(0, gzip.length / 2)),
    );
    expect(cut.fault).toMatch(/cut off/);
    expect(cut.inserted).toBeGreaterThan(1_000);
    expect(cut.inserted).toBe(cut.read - cut.rejected);
    const whole = await importer.run("stores", importer.write("whole.gz", gzip));
    expect(countsOf(whole)).toEqual([6_000, 6_000 - cut.inserted, 0, cut.inserted, 0]);
  });

  it("of what is nothing to it says so and writes nothing", async () => {
    const before = await countEvents(stack);
    const faults = [
      ["products", "empty.jsonl", ""],
      ["products", "utf16.csv", Buffer.from("\uFEFFcode\tproduct_name", "utf16le")],
      ["products", "list.xml", "<?xml version='1.0'?><a/>"],
      ["stores", "numbers.json", "[1,2,3]"],
    ] as const;
    for (const [kind, name, content] of faults) {
      const summary = await importer.run(kind, importer.write(name, content));
      expect({ name, fault: summary.fault, inserted: summary.inserted }).toEqual({
        name,
        fault: expect.any(String) as string,
        inserted: 0,
      });
    }
    expect(await countEvents(stack)).toBe(before);
    expect(existsSync(`${importer.directory}/empty.jsonl.rejects.jsonl`)).toBe(false);
  });

  it.skipIf(stackKind() === "embedded")(
    "that is killed leaves whole batches, and the next one ends as if nothing had been",
    async () => {
      const products = Array.from({ length: 7_500 }, (_, i) => ({
        code: `29${String(i).padStart(10, "0")}`,
        product_name: `Killed ${i}`,
        labels_tags: i % 7 === 0 ? ["en:halal"] : [],
      })).map((one) => ({ ...one, code: `${one.code}${gtinCheckDigit(one.code)}` }));
      const path = importer.write(
        "killed.jsonl",
        products.map((one) => JSON.stringify(one)).join("\n"),
      );
      const count = async () => {
        const [row] = await stack.sql<{ count: number }[]>`
          select count(*)::int as count from products where name like 'Killed %'`;
        return row?.count ?? 0;
      };
      let reached = 0;
      for (const wanted of [1, 5_000]) {
        const child = importer.spawn("products", path);
        while ((await count()) < wanted && child.exitCode === null) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        child.kill("SIGKILL");
        await once(child, "exit");
        reached = await count();
        expect(reached % 2_500).toBe(0);
      }
      const last = await importer.run("products", path);
      expect(last.inserted + last.same).toBe(7_500);
      expect(last.same).toBeGreaterThanOrEqual(reached);
      expect(await count()).toBe(7_500);
      expect(countsOf(await importer.run("products", path))).toEqual([7_500, 0, 0, 7_500, 0]);
    },
    120_000,
  );

  it.skipIf(stackKind() === "embedded")(
    `that is stopped at ${STOPS} moments ends as one that was left alone`,
    async () => {
      const total = 24_000;
      const line = (i: number, name: string) => {
        const payload = `28${String(i).padStart(10, "0")}`;
        return JSON.stringify({
          code: `${payload}${gtinCheckDigit(payload)}`,
          product_name: name,
          brands: `Brand ${i % 97}`,
          labels_tags: i % 7 === 0 ? ["en:halal"] : [],
          additives_tags: [`en:e${100 + (i % 400)}`],
        });
      };
      const lines = (step: number, name: (i: number) => string) =>
        Array.from({ length: total / step }, (_, i) => line(i * step, name(i * step))).join("\n");
      const older = importer.write(
        "older.jsonl",
        lines(4, (i) => `Older ${i}`),
      );
      const path = importer.write(
        "stopped.jsonl",
        lines(1, (i) => (i % 8 === 0 ? `Older ${i}` : `Stopped ${i}`)),
      );
      const begin = async () => {
        await stack.sql`delete from products where barcode like '028%'`;
        await importer.run("products", older);
      };
      const hash = async () => {
        const [row] = await stack.sql`
          select count(*)::int as count, md5(string_agg(
            (to_jsonb(p) - 'id' - 'created_at' - 'updated_at')::text, ',' order by barcode)) as hash
          from products p where barcode like '028%'`;
        return row;
      };
      await begin();
      const alone = await importer.run("products", path);
      expect(countsOf(alone)).toEqual([total, total * 0.75, total / 8, total / 8, 0]);
      const wanted = await hash();

      await begin();
      const random = createRandom("moments");
      const isAtWork = async () => {
        const rows = await stack.sql`
          select 1 from pg_stat_activity where application_name = 'command' and datname = current_database()`;
        return rows.length > 0;
      };
      let stopped = 0;
      for (let i = 0; i < STOPS; i += 1) {
        const child = importer.spawn("products", path);
        const exit = once(child, "exit") as Promise<[number | null, string | null]>;
        while (!(await isAtWork()) && child.exitCode === null) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await new Promise((resolve) => setTimeout(resolve, random.next() * 400));
        const signal = random.next() < 0.7 ? "SIGKILL" : "SIGINT";
        child.kill(signal);
        const [code, by] = await exit;
        if (by === "SIGKILL" || code === 130) stopped += 1;
        await expect.poll(isAtWork, { timeout: 15_000, interval: 10 }).toBe(false);
      }
      expect(stopped).toBeGreaterThanOrEqual(STOPS * 0.75);
      expect((await importer.run("products", path)).fault).toBeNull();
      expect(await hash()).toEqual(wanted);
      expect(countsOf(await importer.run("products", path))).toEqual([total, 0, 0, total, 0]);
    },
    180_000,
  );

  it.skipIf(stackKind() === "embedded")(
    "waits for another of its kind, and not for others",
    async () => {
      const path = importer.write("wait.csv", "name,lat,lon\nWaiting,3,3\n");
      const holder = await stack.sql.reserve();
      await holder`select pg_advisory_lock(190517, 1)`;
      const waiting = importer.run("stores", path);
      await expect
        .poll(async () => {
          const rows = await stack.sql`
          select 1 from pg_stat_activity where query like '%pg_try_advisory_lock%' and pid <> pg_backend_pid()`;
          return rows.length;
        })
        .toBeGreaterThan(0);
      expect(await stack.sql`select 1 from stores where name = 'Waiting'`).toHaveLength(0);
      await holder`select pg_advisory_unlock(190517, 1)`;
      holder.release();
      expect((await waiting).inserted).toBe(1);
    },
  );
});
