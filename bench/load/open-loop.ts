import { HttpConnection } from "./connection.ts";
import { LatencyHistogram } from "./histogram.ts";
import { requestBytes } from "./job.ts";
import type { Schedule } from "./schedule.ts";

/** Load in an open loop: each request is sent when it is due, even if earlier answers are late. */
export interface OpenLoopJob {
  readonly host: string;
  readonly port: number;
  /** The number of connections, opened before the first request is due. */
  readonly connections: number;
  readonly schedule: Schedule;
  /** The number of kinds of requests in the schedule. */
  readonly kinds: number;
  /** Units: seconds. */
  readonly seconds: number;
  /** How long to wait for answers after the last request was due. Units: seconds. */
  readonly drainSeconds: number;
}

/** The result of one kind of request. */
export interface KindResult {
  readonly requests: number;
  readonly calls: number;
  /** The calls in requests with another status than 200 or without an answer. */
  readonly errors: number;
  /** The number of answers by status; 0 for requests without an answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The number of requests by `x-cache`. */
  readonly cacheStates: Readonly<Record<string, number>>;
  /** Durations from when a request was due to the end of its answer, as buckets of a LatencyHistogram. */
  readonly latencies: readonly number[];
}

/** The result of the requests that were due in one second. */
export interface SecondResult {
  readonly calls: number;
  readonly errors: number;
  /** The number of requests answered from the cache, with `STALE`. */
  readonly hits: number;
  /** The number of requests that the cache could answer: all except `BYPASS`. */
  readonly cacheable: number;
  /** The 95th percentile of requests of kind 0. Units: milliseconds. */
  readonly p95Ms: number;
}

/** The result of an open loop. */
export interface OpenLoopResult {
  /** The results by the numbers of the kinds. */
  readonly kinds: readonly KindResult[];
  readonly seconds: readonly SecondResult[];
  /** The number of requests without an answer at the end. */
  readonly unanswered: number;
}

const PRIMED_AT_ONCE = 50;
const TICK_MS = 1;

interface Tally {
  requests: number;
  calls: number;
  errors: number;
  readonly statuses: Record<string, number>;
  readonly cacheStates: Record<string, number>;
  readonly latencies: LatencyHistogram;
}

interface SecondTally {
  calls: number;
  errors: number;
  hits: number;
  cacheable: number;
  readonly latencies: LatencyHistogram;
}

/** The connections of a load. The connection that was free longest is used first. */
class ConnectionPool {
  readonly #connections: HttpConnection[] = [];
  readonly #free: number[] = [];
  #firstFree = 0;

  constructor(
    job: OpenLoopJob,
    onEnd: (place: number, status: number, cacheState: string) => void,
  ) {
    for (let place = 0; place < job.connections; place += 1) {
      const connection = new HttpConnection(
        job,
        ({ status, cacheState }) => {
          this.#free.push(place);
          onEnd(place, status, cacheState);
        },
        () => {
          this.#free.push(place);
          onEnd(place, 0, "");
        },
      );
      this.#connections.push(connection);
      this.#free.push(place);
    }
  }

  get hasFree(): boolean {
    return this.#firstFree < this.#free.length;
  }

  /** Sends a request over a free connection and returns the connection's number. */
  send(request: Buffer): number {
    const place = this.#free[this.#firstFree] ?? 0;
    this.#firstFree += 1;
    if (this.#firstFree === PRIMED_AT_ONCE * 1_000) {
      this.#free.splice(0, this.#firstFree);
      this.#firstFree = 0;
    }
    this.#connections[place]?.send(request);
    return place;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** Runs a schedule in this thread. A request that finds no free connection waits for one, and its wait counts. */
export async function runOpenLoop(job: OpenLoopJob): Promise<OpenLoopResult> {
  const { dueMs, kinds, calls, ends } = job.schedule;
  const { buffer, byteOffset, byteLength } = job.schedule.bytes;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const tallies = Array.from({ length: job.kinds }, newTally);
  const perSecond = Array.from({ length: Math.ceil(job.seconds) }, newSecondTally);
  const underWay = new Int32Array(job.connections).fill(-1);
  let onEnd: (place: number, status: number, cacheState: string) => void = () => {};
  const pool = new ConnectionPool(job, (...end) => onEnd(...end));
  await openAll(pool, job, (listener) => {
    onEnd = listener;
  });

  const beganAt = performance.now();
  const note = (request: number, status: number, cacheState: string, latencyMs: number) => {
    const tally = tallies[kinds[request] ?? 0] ?? newTally();
    const second = perSecond[Math.floor((dueMs[request] ?? 0) / 1000)] ?? newSecondTally();
    const inRequest = calls[request] ?? 0;
    tally.requests += 1;
    tally.calls += inRequest;
    second.calls += inRequest;
    tally.latencies.record(latencyMs);
    if (kinds[request] === 0) second.latencies.record(latencyMs);
    tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
    if (status === 200) {
      tally.cacheStates[cacheState] = (tally.cacheStates[cacheState] ?? 0) + 1;
      if (cacheState === "HIT" || cacheState === "STALE") second.hits += 1;
      if (cacheState !== "BYPASS" && cacheState !== "") second.cacheable += 1;
    } else {
      tally.errors += inRequest;
      second.errors += inRequest;
    }
  };

  let next = 0;
  let open = 0;
  const sendNext = () => {
    const place = pool.send(bytes.subarray(next === 0 ? 0 : ends[next - 1], ends[next]));
    underWay[place] = next;
    next += 1;
    open += 1;
  };
  const sendDue = (sinceStartMs: number) => {
    while (next < dueMs.length && pool.hasFree && (dueMs[next] ?? 0) <= sinceStartMs) sendNext();
  };
  await new Promise<void>((resolve) => {
    const endsAtMs = (job.seconds + job.drainSeconds) * 1000;
    onEnd = (place, status, cacheState) => {
      const request = underWay[place] ?? -1;
      if (request === -1) return;
      underWay[place] = -1;
      open -= 1;
      const sinceStartMs = performance.now() - beganAt;
      note(request, status, cacheState, sinceStartMs - (dueMs[request] ?? 0));
      sendDue(sinceStartMs);
    };
    const tick = () => {
      const sinceStartMs = performance.now() - beganAt;
      sendDue(sinceStartMs);
      const isOver = next === dueMs.length && open === 0;
      if (isOver || sinceStartMs > endsAtMs) resolve();
      else setTimeout(tick, TICK_MS);
    };
    tick();
  });
  onEnd = () => {};
  pool.close();

  const sinceStartMs = performance.now() - beganAt;
  const unanswered = [...underWay].filter((request) => request !== -1);
  for (let request = next; request < dueMs.length; request += 1) unanswered.push(request);
  for (const request of unanswered) note(request, 0, "", sinceStartMs - (dueMs[request] ?? 0));
  return {
    kinds: tallies.map(({ latencies, ...rest }) => ({ ...rest, latencies: [...latencies.counts] })),
    seconds: perSecond.map(({ latencies, ...rest }) => ({
      ...rest,
      p95Ms: latencies.quantile(0.95),
    })),
    unanswered: unanswered.length,
  };
}

/** Opens all connections, a few at a time, with a cheap request on each. */
async function openAll(
  pool: ConnectionPool,
  job: OpenLoopJob,
  listen: (onEnd: () => void) => void,
): Promise<void> {
  const probe = requestBytes(`${job.host}:${job.port}`, { path: "/health/live" });
  await new Promise<void>((resolve) => {
    let asked = 0;
    let answered = 0;
    const ask = () => {
      if (asked === job.connections) return;
      asked += 1;
      pool.send(probe);
    };
    listen(() => {
      answered += 1;
      if (answered === job.connections) resolve();
      else ask();
    });
    for (let i = 0; i < Math.min(PRIMED_AT_ONCE, job.connections); i += 1) ask();
  });
}

function newTally(): Tally {
  return {
    requests: 0,
    calls: 0,
    errors: 0,
    statuses: {},
    cacheStates: {},
    latencies: new LatencyHistogram(),
  };
}

function newSecondTally(): SecondTally {
  return { calls: 0, errors: 0, hits: 0, cacheable: 0, latencies: new LatencyHistogram() };
}
