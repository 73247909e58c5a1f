import { Cluster, Redis } from "ioredis";
import { parseRedisAddress } from "./address.ts";
import { NamedConnector } from "./named-connector.ts";

/** Either shape of Redis client; the commands used here are the same on both. */
export type RedisClient = Redis | Cluster;

/** What happened to a call, for metrics. */
export type RedisOutcome = "ok" | "error" | "timeout" | "skipped";

/** How the choke-point behaves. */
export interface RedisGuardOptions {
  /** How long one call may take. */
  readonly commandTimeoutMs: number;
  /** Failures in a row after which no call waits any more. */
  readonly failuresMax: number;
  /** How often a closed door is knocked at. */
  readonly probeIntervalMs: number;
  readonly onCall: (outcome: RedisOutcome) => void;
  readonly onState: (available: boolean) => void;
}

const DEFAULTS: Pick<RedisGuardOptions, "commandTimeoutMs" | "failuresMax" | "probeIntervalMs"> = {
  // A look-up may take two calls, and no answer may wait 100 ms for Redis.
  commandTimeoutMs: 48,
  failuresMax: 3,
  probeIntervalMs: 250,
};

const REFUSAL = /^(OOM|MISCONF|READONLY|NOPERM|BUSY|WRONGTYPE|ERR) ?/;

/** Opens a client for one address or, with several, a cluster; nothing queues and nothing is replayed. */
export function openRedis(urls: readonly string[]): RedisClient {
  const common = {
    // Replies in RESP2: ioredis 6 has unreleased fixes for RESP3.
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 1000,
    // How long a cut connection may take to say goodbye before it is destroyed.
    disconnectTimeout: 100,
    family: 0,
  } as const;
  const addresses = urls.map(parseRedisAddress);
  const [first] = addresses;
  if (first === undefined) throw new Error("no Redis address");
  const { host, port, username, password, database: db, tls } = first;
  const credentials = {
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
  if (addresses.length === 1) {
    return new Redis({
      ...common,
      ...credentials,
      host,
      port,
      db,
      ...(tls === null ? {} : { tls }),
      maxRetriesPerRequest: 1,
      retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 4), 500),
    });
  }
  return new Cluster(
    addresses.map(({ host, port }) => ({ host, port })),
    {
      enableOfflineQueue: false,
      slotsRefreshTimeout: 1000,
      // A master that hangs tells nobody that it was replaced.
      slotsRefreshInterval: 1000,
      // A call that meets a node that is away fails at once: tried again later it would be carried out after its
      // caller has gone on, over newer data.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: 5,
      maxRedirections: 4,
      clusterRetryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 4), 500),
      redisOptions: {
        ...common,
        ...credentials,
        ...(tls === null ? {} : { tls, Connector: NamedConnector }),
      },
      // Certificates are for names, so a name must still be one when its node is connected to.
      ...(tls === null
        ? {}
        : {
            dnsLookup: (name: string, found: (error: null, name: string) => void) =>
              found(null, name),
          }),
    },
  );
}

/**
 * The one way to Redis. A call that fails or takes too long gives undefined, never an error;
 * after a few failures calls are skipped without waiting, until a probe in the background finds Redis well again.
 */
export class RedisGuard {
  readonly #client: RedisClient;
  readonly #options: RedisGuardOptions;
  #failures = 0;
  #available = true;
  #probe: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    client: RedisClient,
    options: Pick<RedisGuardOptions, "onCall" | "onState"> & Partial<RedisGuardOptions>,
  ) {
    this.#client = client;
    this.#options = { ...DEFAULTS, ...options };
    // Without a listener a lost connection would end the process; each call reports its own failure.
    client.on("error", () => {});
  }

  /** Whether calls are made at all. */
  get available(): boolean {
    return this.#available;
  }

  /** Makes one call; undefined when Redis did not answer in time, or is known to be away. */
  async call<T>(command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (!this.#available) {
      this.#options.onCall("skipped");
      return undefined;
    }
    const outcome = await this.#attempt(command);
    this.#options.onCall(outcome.kind);
    if (outcome.kind === "ok") {
      this.#failures = 0;
      return outcome.value;
    }
    if (outcome.kind === "error" && outcome.isThere) return undefined;
    this.#failures += 1;
    if (this.#failures >= this.#options.failuresMax) this.#shut();
    return undefined;
  }

  /** Ends the connection. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#probe);
    this.#client.disconnect();
  }

  async #attempt<T>(
    command: (client: RedisClient) => Promise<T>,
  ): Promise<{ kind: "ok"; value: T } | { kind: "timeout" } | { kind: "error"; isThere: boolean }> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<{ kind: "timeout" }>((resolve) => {
      // Timers run before sockets are read: after a busy spell the reply may already be here.
      timer = setTimeout(
        () => setImmediate(resolve, { kind: "timeout" }),
        this.#options.commandTimeoutMs,
      );
    });
    try {
      const answer = command(this.#client).then(
        (value) => ({ kind: "ok", value }) as const,
        (error: unknown) => ({ kind: "error", isThere: this.#isThere(error) }) as const,
      );
      return await Promise.race([answer, timeout]);
    } catch {
      return { kind: "error", isThere: false };
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Whether Redis as a whole is there in spite of an error. A refusal is an answer: it is only full or read-only.
   * A cluster with one master away goes on with the others; calls that need that one fail at once and wait for nothing.
   */
  #isThere(error: unknown): boolean {
    if (!(error instanceof Error)) return false;
    if (REFUSAL.test(error.message)) return true;
    return (
      this.#client instanceof Cluster &&
      this.#client.status === "ready" &&
      !error.message.startsWith("CLUSTERDOWN")
    );
  }

  #shut(): void {
    if (!this.#available) return;
    this.#available = false;
    this.#options.onState(false);
    this.#knock(0);
  }

  #knock(misses: number): void {
    if (this.#closed) return;
    this.#probe = setTimeout(() => {
      void this.#listen(misses);
    }, this.#options.probeIntervalMs);
    this.#probe.unref();
  }

  async #listen(misses: number): Promise<void> {
    const outcome = await this.#attempt((client) => client.set("probe", "1", "PX", 1000));
    if (outcome.kind === "ok" || (outcome.kind === "error" && outcome.isThere)) {
      this.#failures = 0;
      this.#available = true;
      this.#options.onState(true);
      return;
    }
    // A connection that takes commands and never answers is dead, and one that was accepted but is never
    // greeted waits for ever: a new one may do better.
    if (misses % 3 === 2) this.#reconnect();
    this.#knock(misses + 1);
  }

  #reconnect(): void {
    if (this.#client instanceof Redis) this.#client.disconnect(true);
    // Otherwise it is reconnecting already.
    else if (this.#client.status === "ready") this.#client.disconnect(true);
  }
}
