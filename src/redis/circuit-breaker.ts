import { Cluster, Redis } from "ioredis";
import { CircuitBreaker } from "../circuit-breaker.ts";
import type { RedisClient } from "./client.ts";

/** The outcome of a call, for metrics. */
export type RedisOutcome = "ok" | "error" | "timeout" | "skipped";

/** How the circuit breaker behaves. */
export interface RedisBreakerOptions {
  /** How long one call may take. */
  readonly commandTimeoutMs: number;
  /** Failures in a row that open the circuit. */
  readonly failuresMax: number;
  /** How often an open circuit is probed. */
  readonly probeIntervalMs: number;
  readonly onCall: (outcome: RedisOutcome) => void;
  readonly onState: (available: boolean) => void;
}

const DEFAULTS: Pick<RedisBreakerOptions, "commandTimeoutMs" | "failuresMax" | "probeIntervalMs"> =
  {
    // A look-up may take two calls, and no answer may wait 100 ms for Redis.
    commandTimeoutMs: 48,
    failuresMax: 3,
    probeIntervalMs: 250,
  };

const ERROR_REPLY = /^(OOM|MISCONF|READONLY|NOPERM|BUSY|WRONGTYPE|ERR) ?/;

/**
 * The circuit breaker that every Redis call passes. A call that fails or takes too long returns undefined, never an
 * error. After a few failures the circuit opens: calls are skipped without waiting until a probe in the background
 * finds Redis working again.
 */
export class RedisBreaker {
  readonly #client: RedisClient;
  readonly #options: RedisBreakerOptions;
  readonly #circuit: CircuitBreaker;

  constructor(
    client: RedisClient,
    options: Pick<RedisBreakerOptions, "onCall" | "onState"> & Partial<RedisBreakerOptions>,
  ) {
    this.#client = client;
    this.#options = { ...DEFAULTS, ...options };
    const { failuresMax, probeIntervalMs, onState } = this.#options;
    const probe = (misses: number) => this.#probe(misses);
    this.#circuit = new CircuitBreaker({ failuresMax, probeIntervalMs, probe, onState });
    // Without a listener a lost connection would end the process. Each call reports its own failure.
    client.on("error", () => {});
  }

  /** Whether the circuit is closed. */
  get available(): boolean {
    return this.#circuit.available;
  }

  /** Makes one call; returns undefined when Redis did not answer in time or the circuit is open. */
  async call<T>(command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (!this.#circuit.available) {
      this.#options.onCall("skipped");
      return undefined;
    }
    const outcome = await this.#attempt(command);
    this.#options.onCall(outcome.kind);
    if (outcome.kind === "ok") {
      this.#circuit.succeeded();
      return outcome.value;
    }
    if (outcome.kind === "error" && outcome.isAlive) return undefined;
    this.#circuit.failed();
    return undefined;
  }

  /** Ends the connection. */
  close(): void {
    this.#circuit.end();
    this.#client.disconnect();
  }

  async #attempt<T>(
    command: (client: RedisClient) => Promise<T>,
  ): Promise<{ kind: "ok"; value: T } | { kind: "timeout" } | { kind: "error"; isAlive: boolean }> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<{ kind: "timeout" }>((resolve) => {
      // Timers run before sockets are read, so on a busy process the reply may already have arrived.
      timer = setTimeout(
        () => setImmediate(resolve, { kind: "timeout" }),
        this.#options.commandTimeoutMs,
      );
    });
    try {
      const answer = command(this.#client).then(
        (value) => ({ kind: "ok", value }) as const,
        (error: unknown) => ({ kind: "error", isAlive: this.#isAlive(error) }) as const,
      );
      return await Promise.race([answer, timeout]);
    } catch {
      return { kind: "error", isAlive: false };
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Whether Redis as a whole works in spite of an error. An error reply is an answer: Redis is only full or read-only.
   * A cluster without one of its masters goes on with the others; calls for that master fail at once.
   */
  #isAlive(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    if (ERROR_REPLY.test(error.message)) return true;
    return (
      this.#client instanceof Cluster &&
      this.#client.status === "ready" &&
      !error.message.startsWith("CLUSTERDOWN")
    );
  }

  async #probe(misses: number): Promise<boolean> {
    const outcome = await this.#attempt((client) => client.set("probe", "1", "PX", 1000));
    if (outcome.kind === "ok" || (outcome.kind === "error" && outcome.isAlive)) return true;
    // A connection that accepts commands but never answers does not recover, so every third probe opens a new one.
    if (misses % 3 === 2) this.#reconnect();
    return false;
  }

  #reconnect(): void {
    if (this.#client instanceof Redis) this.#client.disconnect(true);
    // In every other state the cluster client is reconnecting already.
    else if (this.#client.status === "ready") this.#client.disconnect(true);
  }
}
