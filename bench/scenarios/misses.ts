import { drizzle } from "drizzle-orm/postgres-js";
import { flushCache } from "../../src/db/cache-events.ts";
import { cellParameters, filteredParameters } from "../../src/features/store/around.ts";
import { listCellStores } from "../../src/features/store/cell-queries.ts";
import { filterOf, isIndexed } from "../../src/features/store/filters.ts";
import { MarkersInput, NearbyInput } from "../../src/features/store/schemas.ts";
import { RARE_TYPE } from "../data.ts";
import { containerCpuSeconds, docker } from "../docker.ts";
import { type CallStatements, startPgbench } from "../limits/pgbench.ts";
import { recordingRawDb } from "../limits/statements.ts";
import { type LoadGenerator, startGenerator } from "../load/generator.ts";
import { ALL_CPUS, LOAD_CPUS } from "../processes.ts";
import { profileClock, topFunctions } from "../profile.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import { type Contender, interleave, type Sample, sampleLoad } from "../rounds.ts";
import type { BenchStack } from "../stack.ts";
import { callPath } from "./hot-calls.ts";
import { type MissSubject, reportMisses } from "./miss-report.ts";
import { openPlaces, type Place } from "./miss-places.ts";

const SIZES = [10_000, 100_000, 1_000_000];
const QUICK_SIZES = [10_000, 50_000];
/** The number of connections of an instance to PgBouncer. */
const MANY_CONNECTIONS = 10;
const TURN_SECONDS_MAX = 60;
/** Longer than the pause between two readings of the journal. */
const FLUSH_MS = 400;
/** On a shared machine a few statements may reach their deadline; the report counts them. */
const ERRORS_MAX_SHARE = 0.05;

/** A query, and the parts of its input on which the statement depends. */
interface Question {
  readonly name: string;
  readonly procedure: "store.nearby" | "store.markers";
  readonly input: Readonly<Record<string, unknown>>;
  readonly kinds: readonly Place["kind"][];
  readonly connections: readonly number[];
}

const QUESTIONS: readonly Question[] = [
  {
    name: "store.nearby",
    procedure: "store.nearby",
    input: {},
    kinds: ["dense", "spread"],
    connections: [1, MANY_CONNECTIONS],
  },
  {
    name: "store.markers",
    procedure: "store.markers",
    input: {},
    kinds: ["dense", "spread"],
    connections: [1],
  },
  {
    name: "store.markers for 500",
    procedure: "store.markers",
    input: { limit: 500 },
    kinds: ["dense"],
    connections: [1],
  },
  {
    name: `store.nearby, ${RARE_TYPE} (1 in 500)`,
    procedure: "store.nearby",
    input: { storeType: RARE_TYPE },
    kinds: ["dense"],
    connections: [1],
  },
  {
    name: "store.nearby, rated 4 and more",
    procedure: "store.nearby",
    input: { minRating: 4 },
    kinds: ["dense"],
    connections: [1],
  },
];

/** Measures misses of `store.nearby` and `store.markers` with several numbers of stores, beside pgbench's same SQL. */
export async function runMisses(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { say, quick, rounds } = options;
  const fewCells = quick ? 50 : 100;
  const cellsOf = (connections: number) => (connections === 1 ? fewCells : fewCells * 2);
  await stack.pin(ALL_CPUS);
  const sizes = quick ? QUICK_SIZES : SIZES;
  const opened = await openPlaces(stack, sizes, cellsOf(MANY_CONNECTIONS), options);
  const generator = startGenerator();
  let measuredFrom = 0;
  try {
    await stack.pin(LOAD_CPUS);
    const pgbench = await startPgbench(stack);
    const subjects: MissSubject[] = [];
    const contenders = new Map<string, Contender>();
    const databaseCpuMicros = new Map<string, number[]>();
    for (const { name: question, procedure, input, kinds, connections: counts } of QUESTIONS) {
      for (const place of opened.places.filter(({ kind }) => kinds.includes(kind))) {
        for (const connections of counts) {
          const asked = { question, kind: place.kind, stores: place.stores, connections };
          const name = `${question}, ${place.kind}, ${place.stores}, ${connections}`;
          if (!name.includes(options.only)) continue;
          const inputs = place.positions
            .slice(0, cellsOf(connections))
            .map((position) => ({ ...position, ...input }));
          const statements = await Promise.all(
            inputs.map((one) => statementsOf(schemaOf(procedure).parse(one))),
          );
          // Two queries with the same statement share one limit.
          const sql = `sql, ${place.database}, ${connections}: ${statements[0]?.[0] ?? ""}`;
          subjects.push({ ...asked, ours: name, sql });
          const watched = (key: string, run: Contender["run"]): Contender => ({
            name: key,
            run: async () => {
              const before = await containerCpuSeconds(stack.postgis);
              const sample = await run();
              const seconds = (await containerCpuSeconds(stack.postgis)) - before;
              const micros = (seconds * 1e6) / sample.latencies.total;
              databaseCpuMicros.set(key, [...(databaseCpuMicros.get(key) ?? []), micros]);
              return sample;
            },
          });
          contenders.set(
            name,
            watched(name, () => askCold(stack, generator, place, procedure, inputs, connections)),
          );
          contenders.set(
            sql,
            watched(sql, () => pgbench.run(place.database, statements, connections)),
          );
        }
      }
    }
    say(
      "a round that does not count, so that nobody reads from the disk or runs code for the first time",
    );
    for (const { run } of contenders.values()) await run();
    databaseCpuMicros.clear();
    measuredFrom = profileClock();
    const samples = await interleave(rounds, [...contenders.values()], say);
    return reportMisses({ subjects, samples, databaseCpuMicros, quick });
  } finally {
    await generator.stop();
    await opened.stop();
    if (options.profile) for (const line of topFunctions(measuredFrom, profileClock())) say(line);
  }
}

const schemaOf = (procedure: Question["procedure"]) =>
  procedure === "store.nearby" ? NearbyInput : MarkersInput;

/** Returns the statements that an instance sends when no tier has the caller's cell. */
async function statementsOf(input: MarkersInput): Promise<CallStatements> {
  const filter = filterOf(input);
  const shared = cellParameters(input);
  const parameters = isIndexed(filter) ? shared : filteredParameters(filter, shared);
  const { cell, radiusMeters, limit } = parameters;
  const statements: string[] = [];
  const nothing = ["1:1:", "0", "[]", "[]", null, ""].map((text) =>
    text === null ? null : Buffer.from(text),
  );
  await listCellStores(
    recordingRawDb(statements, nothing),
    cell.center,
    { padMeters: cell.padMeters, radiusMeters, limit },
    parameters,
  );
  return statements;
}

/** Empties every tier and requests each cell once. Errors: when an answer came from a cache, or many failed. */
async function askCold(
  stack: BenchStack,
  generator: LoadGenerator,
  { database, instance }: Place,
  procedure: string,
  inputs: readonly unknown[],
  connections: number,
): Promise<Sample> {
  const sql = stack.superuser(database);
  await flushCache(drizzle(sql), "stores");
  await sql.end();
  await docker("exec", stack.redis.id, "redis-cli", "flushall");
  await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  return await sampleLoad(instance.pid, async () => {
    const result = await generator.run({
      host: instance.host,
      port: instance.port,
      connections,
      requests: inputs.map((input) => ({ path: callPath({ procedure, input }) })),
      seconds: TURN_SECONDS_MAX,
      once: true,
    });
    const misses = result.cacheStates["MISS"] ?? 0;
    const warm = result.answers - misses - result.errors;
    if (warm > 0 || result.errors > inputs.length * ERRORS_MAX_SHARE) {
      const counts = `${misses} misses, ${warm} other answers, ${result.errors} errors`;
      throw new Error(`${procedure} among cold cells: ${counts}`);
    }
    return result;
  });
}
