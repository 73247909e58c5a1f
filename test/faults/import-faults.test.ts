import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gtinCheckDigit } from "../../src/food/barcode.ts";
import { importFiles } from "../../src/import/run.ts";
import { chooseRejectsPaths } from "../../src/import/write/rejects.ts";
import { type Importer, openImporter } from "../support/import-run.ts";
import { openStack, type Stack, stackKind } from "../support/stack.ts";

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

/** Lines of products that the database does not have. */
const products = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const payload = `${prefix}${String(i).padStart(12 - prefix.length, "0")}`;
    const code = `${payload}${gtinCheckDigit(payload)}`;
    return JSON.stringify({ code, product_name: `Product ${i}`, brands: "Maker" });
  }).join("\n");

async function outputOf(child: ChildProcess): Promise<{ code: number | null; all: string }> {
  const closed = once(child, "close") as Promise<[number | null]>;
  const read = (stream: Readable | null) => text(stream ?? Readable.from([]));
  const [out, err] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const [code] = await closed;
  return { code, all: `${out}${err}` };
}

describe("an import", () => {
  it("checks all paths before the first file", async () => {
    const good = importer.write("good.jsonl", products("301", 3));
    const run = importFiles({
      sql: importer.sql,
      kind: "products",
      files: [good, "/nowhere/b.jsonl"],
      isDryRun: false,
      stdin: Readable.from([]),
      output: { write: () => true },
    });
    await expect(run).rejects.toThrow(/^\/nowhere\/b.jsonl cannot be read.*\nnothing was imported/);
    expect(await stack.sql`select 1 from products where barcode like '0301%'`).toHaveLength(0);
  });

  it("writes a rejects file for each file, and removes those of an earlier run", async () => {
    expect(chooseRejectsPaths(["a/x.csv", "b/x.csv", "-"])).toEqual([
      "x.csv.rejects.jsonl",
      "x.csv.2.rejects.jsonl",
      "stdin.rejects.jsonl",
    ]);
    expect(() => chooseRejectsPaths(["a/x.csv"], "a/../a/x.csv")).toThrow(/is to be imported/);
    const path = importer.write("mended.jsonl", '{"code":"1"}');
    const rejects = `${path}.rejects.jsonl`;
    expect((await importer.run("products", path)).rejectsFile).toBe(rejects);
    expect(readFileSync(rejects, "utf8")).toContain("barcode_length");
    writeFileSync(path, products("302", 1));
    expect((await importer.run("products", path)).rejectsFile).toBeNull();
    expect(existsSync(rejects)).toBe(false);
  });

  it("reports an incomplete Overpass answer, and imports its items", async () => {
    const element = { type: "node", id: 1, lat: 55, lon: 12, tags: { name: "A", shop: "deli" } };
    const answer = { elements: [element], remark: "runtime error: Query timed out" };
    const summary = await importer.run(
      "stores",
      importer.write("overpass.json", JSON.stringify(answer)),
    );
    expect(summary).toMatchObject({ inserted: 1, fault: expect.stringMatching(/not complete/) });
  });

  it.skipIf(stackKind() === "embedded")(
    "stops at the first Ctrl-C while standard input is silent, with a summary",
    async () => {
      const child = importer.spawn("products", "-", "pipe");
      const output = outputOf(child);
      const written = async () => {
        const rows = await stack.sql`select 1 from data_sources where id = 'off'`;
        return rows.length;
      };
      await stack.sql`delete from products`;
      await stack.sql`delete from data_sources where id = 'off'`;
      child.stdin?.write(`${products("303", 2)}\n${" ".repeat(70_000)}\n`);
      await expect.poll(written, { timeout: 20_000 }).toBe(1);
      child.kill("SIGINT");
      const { code, all } = await output;
      expect(code).toBe(130);
      expect(all).toMatch(/standard input +2 +2 /);
      expect(all).toContain("NOT COMPLETE: stopped");
    },
    60_000,
  );

  it.skipIf(stackKind() === "embedded")(
    "reports in one sentence, with its summary, that the database ended its session",
    async () => {
      const path = importer.write("ended.jsonl", products("304", 20_000));
      for (const delayMs of [0, 19]) {
        await stack.sql`delete from products where barcode like '0304%'`;
        const child = importer.spawn("products", path, "pipe");
        const output = outputOf(child);
        const end = () => stack.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'command' and datname = current_database()`;
        await expect
          .poll(
            async () => {
              const rows =
                await stack.sql`select 1 from products where barcode like '0304%' limit 1`;
              return rows.length;
            },
            { timeout: 20_000, interval: 5 },
          )
          .toBe(1);
        await new Promise((done) => setTimeout(done, delayMs));
        await end();
        const { code, all } = await output;
        expect({ code, all }).toMatchObject({ code: 1 });
        expect(all).toContain("NOT COMPLETE: the connection to the database was lost");
        expect(all).toMatch(/ended\.jsonl +[\d,]+ +[\d,]+ /);
        expect(all).not.toMatch(/\n +at |TypeError/);
      }
    },
    120_000,
  );

  it.skipIf(stackKind() === "embedded")(
    "of invented rows counts the new ones, also with parallel batches",
    async () => {
      const run = () =>
        outputOf(
          spawn(process.execPath, [resolve("src/cli/bench-data.ts"), "--products", "20000"], {
            cwd: importer.directory,
            env: { DATABASE_URL: stack.directUrl, DATA_DIR: join(importer.directory, "none") },
          }),
        );
      expect((await run()).all).toMatch(/products: 20,000 rows, 20,000 of them new/);
      expect((await run()).all).toMatch(/products: 20,000 rows, 0 of them new/);
    },
    120_000,
  );
});
