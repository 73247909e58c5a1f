import { randomUUID } from "node:crypto";
import { benchBarcode } from "../../src/seed/load-test-rows.ts";
import { signToken } from "../../src/http/token.ts";
import { type Instance, startInstance } from "../instance.ts";
import { LatencyHistogram } from "../load/histogram.ts";
import { makePlainScans } from "../plain-scans.ts";
import { runCommand } from "../processes.ts";
import type { Row, RunOptions } from "../report/model.ts";
import { copyScans, scaleUser } from "../scale-data.ts";
import { type BenchStack, JWT_SECRET } from "../stack.ts";

const DATABASE = "bench_scale_change";
const PORT = 4192;
/** 500 scans a second, as phones that were offline send them: one at a time they would be more than these cores do. */
const CALLS_PER_SECOND = 20;
const SCANS_A_CALL = 25;
const WRITERS = 200;
const SCANS_EACH = 50;

/** Sends scans at an even pace until it is told to stop; knows what was answered. */
function startWriting({ host, port }: Instance, tokens: readonly string[]) {
  const latencies = new LatencyHistogram();
  const sent = new Set<Promise<void>>();
  const recorded: string[] = [];
  const failures: string[] = [];
  let n = 0;
  const one = async () => {
    const token = tokens[n % tokens.length] ?? "";
    const scans = Array.from({ length: SCANS_A_CALL }, (_, i) => ({
      id: randomUUID(),
      barcode: benchBarcode((n * SCANS_A_CALL + i) % 1_000),
    }));
    n += 1;
    const beganAt = performance.now();
    try {
      const response = await fetch(`http://${host}:${port}/trpc/scans.recordMany`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ scans }),
      });
      const body = await response.text();
      if (response.status !== 200) throw new Error(body.slice(0, 200));
      latencies.record(performance.now() - beganAt);
      for (const { id } of scans) recorded.push(id);
    } catch (error) {
      failures.push(String(error));
    }
  };
  const timer = setInterval(() => {
    const call = one();
    sent.add(call);
    void call.finally(() => sent.delete(call));
  }, 1_000 / CALLS_PER_SECOND);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(sent);
      return { latencies, recorded, failures };
    },
  };
}

/** Turns a plain table into partitions while scans are written; counts what was lost and what failed. */
export async function changeUnderWrites(
  stack: BenchStack,
  scans: number,
  { say }: RunOptions,
): Promise<Row[]> {
  await stack.createDatabase(DATABASE);
  const sql = stack.superuser(DATABASE);
  let instance: Instance | undefined;
  try {
    await makePlainScans(sql);
    await copyScans(sql, {
      firstUser: 0,
      users: scans / SCANS_EACH,
      scansEach: SCANS_EACH,
      products: 1_000,
    });
    await sql.unsafe("vacuum analyze scans");
    instance = await startInstance(stack, { database: DATABASE, port: PORT });
    const tokens = await Promise.all(
      Array.from({ length: WRITERS }, (_, n) =>
        signToken(
          JWT_SECRET,
          { id: scaleUser(n), isAdmin: false },
          { lifetimeSeconds: 24 * 3_600, issuer: null, audience: null },
        ),
      ),
    );
    say(`changing ${scans.toLocaleString("en")} scans to partitions under writes`);
    const writing = startWriting(instance, tokens);
    const beganAt = performance.now();
    await runCommand(["src/cli/scans-partition.ts"], {
      DATABASE_URL: stack.databaseUrl(DATABASE),
      DATABASE_DIRECT_URL: stack.directUrl(DATABASE),
      JWT_SECRET,
    });
    const seconds = (performance.now() - beganAt) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { latencies, recorded, failures } = await writing.stop();
    const [row] = await sql<{ kind: string; rows: number; lost: number }[]>`
      select (select relkind from pg_class where oid = 'scans'::regclass) as kind,
        (select count(*)::float8 from scans) as rows,
        (select count(*)::int from jsonb_array_elements_text(${JSON.stringify(recorded)}::text::jsonb) as r
          where not exists (select from scans s where s.id = r.value::uuid)) as lost`;
    if (row?.kind !== "p") throw new Error("the table has no partitions");
    const lost = row.lost + Math.max(0, scans + recorded.length - row.rows);
    for (const failure of failures.slice(0, 3)) say(`a call failed: ${failure}`);
    return [
      {
        what: `the change of ${scans.toLocaleString("en")} scans to partitions under ${Math.round(recorded.length / (seconds + 1))} written scans a second`,
        ours: `${seconds.toFixed(1)} s; scans.recordMany of ${SCANS_A_CALL}: p50 ${latencies.quantile(0.5).toFixed(1)} ms, p95 ${latencies.quantile(0.95).toFixed(1)} ms, at most ${latencies.quantile(1).toFixed(0)} ms`,
        limit: "",
        ratio: "",
        target: "",
        reached: null,
      },
      {
        what: `rows lost of ${(scans + recorded.length).toLocaleString("en")}; calls failed of ${latencies.total + failures.length}`,
        ours: `${lost}; ${failures.length}`,
        limit: "",
        ratio: "",
        target: "0; 0",
        reached: lost === 0 && failures.length === 0,
      },
    ];
  } finally {
    await instance?.stop();
    await sql.end();
    await stack.dropDatabase(DATABASE);
  }
}
