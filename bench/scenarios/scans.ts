import { randomUUID } from "node:crypto";
import type { SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import type { Db } from "../../src/db/client/database.ts";
import { findBarcodeEvidence, listScans } from "../../src/features/scans/queries.ts";
import type { WantedBarcode } from "../../src/verdict/barcode-query.ts";
import type { Rulings } from "../../src/verdict/rulings.ts";
import { rulingsPolicy } from "../../src/verdict/rulings-policy.ts";
import { recordScans } from "../../src/features/scans/recording.ts";
import { HistoryInput } from "../../src/features/scans/schemas.ts";
import { signToken } from "../../src/http/token.ts";
import { loadDemo } from "../data.ts";
import { type CallStatements, startPgbench } from "../limits/pgbench.ts";
import { recordingDb } from "../limits/statements.ts";
import { type LoadGenerator, startGenerator } from "../load/generator.ts";
import type { RequestSpec } from "../load/job.ts";
import { ALL_CPUS, LOAD_CPUS } from "../processes.ts";
import { profileClock, profileOptions, topFunctions } from "../profile.ts";
import { type Instance, startInstance } from "../instance.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Contender, interleave, type Sample, sampleLoad } from "../rounds.ts";
import { loadScans } from "../scan-data.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";
import { callPath } from "./hot-calls.ts";
import { reportScans, type ScanSubject } from "./scan-report.ts";

const DATABASE = "bench_scans";
const PORT = 4140;
const AMOUNTS = { products: 1_000_000, scans: 10_000_000 };
const QUICK_AMOUNTS = { products: 20_000, scans: 200_000 };
/** One connection, and the number of connections of an instance to PgBouncer. */
const CONNECTIONS = [1, 10] as const;
const TURN_SECONDS_MAX = 60;
/** On a shared machine a few statements may reach their deadline; the report counts them. */
const ERRORS_MAX_SHARE = 0.05;
const TOKEN_SECONDS = 24 * 3600;

/** A signed-in user, and a barcode that the user has scanned before. */
interface Phone {
  readonly userId: string;
  readonly authorization: string;
  readonly barcode: string;
}

/** A procedure with its requests and its statements. */
interface Measured {
  readonly procedure: "scans.record" | "scans.history";
  readonly requestOf: (phone: Phone) => RequestSpec;
  readonly statementsOf: (db: Db, phone: Phone) => Promise<CallStatements>;
}

const MEASURED: readonly Measured[] = [
  {
    procedure: "scans.record",
    requestOf: ({ barcode, authorization }) => ({
      path: "/trpc/scans.record",
      body: JSON.stringify({ id: randomUUID(), barcode, scannedAt: new Date().toISOString() }),
      headers: { authorization },
    }),
    statementsOf: recordStatements,
  },
  {
    procedure: "scans.history",
    requestOf: ({ authorization }) => ({
      path: callPath({ procedure: "scans.history", input: {} }),
      headers: { authorization },
    }),
    statementsOf: historyStatements,
  },
];

/** Measures `scans.record` and `scans.history` over millions of products and scans, beside pgbench's same SQL. */
export async function runScans(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { say, quick, rounds } = options;
  const amounts = quick ? QUICK_AMOUNTS : AMOUNTS;
  const callsOf = (connections: number) => (quick ? 100 : 300) * (connections === 1 ? 1 : 3);
  await stack.pin(ALL_CPUS);
  await stack.createDatabase(DATABASE);
  const pool = stack.superuser(DATABASE);
  const generator = startGenerator();
  let instance: Instance | undefined;
  let measuredFrom = 0;
  try {
    await loadDemo(stack, DATABASE);
    say(
      `loading ${amounts.products.toLocaleString("en")} products and ${amounts.scans.toLocaleString("en")} scans`,
    );
    await loadScans(stack, DATABASE, amounts);
    await stack.pin(LOAD_CPUS);
    const nodeOptions = options.profile ? profileOptions() : [];
    const asked = (instance = await startInstance(stack, {
      database: DATABASE,
      port: PORT,
      nodeOptions,
    }));
    const pgbench = await startPgbench(stack);
    const phones = await findPhones(pool, callsOf(CONNECTIONS[1]));
    const database = drizzle(pool);
    const subjects: ScanSubject[] = [];
    const contenders: Contender[] = [];
    for (const { procedure, requestOf, statementsOf } of MEASURED) {
      for (const connections of CONNECTIONS) {
        const ours = `${procedure}, ${connections}`;
        if (!ours.includes(options.only)) continue;
        const sql = `${ours}, sql`;
        const ring = phones.slice(0, callsOf(connections));
        subjects.push({ procedure, connections, ours, sql });
        contenders.push(
          // pgbench runs first, because recording its statements reads the pages that both will read.
          {
            name: sql,
            run: async () => {
              const calls: CallStatements[] = [];
              for (const phone of ring) calls.push(await statementsOf(database, phone));
              return await pgbench.run(DATABASE, calls, connections);
            },
          },
          {
            name: ours,
            run: () => askAll(generator, asked, ring.map(requestOf), connections),
          },
        );
      }
    }
    say("a round that does not count, so that nobody runs code for the first time");
    for (const { run } of contenders) await run();
    measuredFrom = profileClock();
    const samples = await interleave(rounds, contenders, say);
    return reportScans({ subjects, samples, amounts, quick });
  } finally {
    await generator.stop();
    await instance?.stop();
    if (options.profile) for (const line of topFunctions(measuredFrom, profileClock())) say(line);
    await pool.end();
    await stack.dropDatabase(DATABASE);
  }
}

/** Finds users in random order, each with a token and one of the user's barcodes. */
async function findPhones(
  sql: ReturnType<BenchStack["superuser"]>,
  count: number,
): Promise<Phone[]> {
  // A user with many scans is chosen more often, as in production.
  const rows = await sql<{ userId: string; barcode: string }[]>`
    select user_id as "userId", min(barcode) as barcode from (
      select user_id, barcode, id from scans where substring(id::text, 1, 2) = 'a7'
    ) as chosen group by user_id order by min(md5(id::text)) limit ${count}`;
  if (rows.length === 0) throw new Error("no scans were loaded");
  const signed = await Promise.all(
    rows.map(async ({ userId, barcode }) => {
      const token = await signToken(
        JWT_SECRET,
        { id: userId, isAdmin: false },
        { lifetimeSeconds: TOKEN_SECONDS, issuer: null, audience: null },
      );
      return { userId, barcode, authorization: `Bearer ${token}` };
    }),
  );
  return Array.from({ length: count }, (_, i) => signed[i % signed.length]).flatMap((phone) =>
    phone === undefined ? [] : [phone],
  );
}

let loadedRulings: Promise<Rulings> | undefined;

/** Loads the rulings, which an instance has in memory, so they cost a call no statement. */
function rulingsOf(database: Db): Promise<Rulings> {
  loadedRulings ??= rulingsPolicy.query(database, null).then(({ value }) => value);
  return loadedRulings;
}

/** Records a scan in a transaction that is rolled back, and returns its statements. */
async function recordStatements(database: Db, { userId, barcode }: Phone): Promise<CallStatements> {
  const statements: string[] = [];
  const rolledBack = new Error("rolled back");
  try {
    await database.transaction(async (transaction) => {
      const db = recordingDb(statements, (query: SQL) => transaction.execute(query));
      const now = new Date();
      const rulings = () => rulingsOf(database);
      const scan = { id: randomUUID(), barcode, scannedAt: now.toISOString() };
      const findBarcodes = (wanted: readonly WantedBarcode[]) =>
        findBarcodeEvidence(db, wanted, now);
      const [outcome] = await recordScans(
        { db, userId, now, rulings, findBarcodes, lookUp: null, language: "en" },
        [scan],
      );
      if (outcome?.ok !== true) throw new Error(`a scan of ${barcode} was refused`);
      throw rolledBack;
    });
  } catch (error) {
    if (error !== rolledBack) throw error;
  }
  return statements;
}

async function historyStatements(database: Db, { userId }: Phone): Promise<CallStatements> {
  const statements: string[] = [];
  const { limit } = HistoryInput.parse({});
  await listScans(
    recordingDb(statements, (query) => database.execute(query)),
    userId,
    { limit, after: null, now: new Date() },
  );
  return statements;
}

/** Sends each request once. Errors: when many failed. */
async function askAll(
  generator: LoadGenerator,
  { host, port, pid }: Instance,
  requests: readonly RequestSpec[],
  connections: number,
): Promise<Sample> {
  const job = { host, port, connections, requests, seconds: TURN_SECONDS_MAX, once: true };
  const sample = await sampleLoad(pid, () => generator.run(job));
  if (sample.errors > requests.length * ERRORS_MAX_SHARE) {
    throw new Error(`${sample.errors} errors of ${requests.length} requests`);
  }
  return sample;
}
