import { Cluster, Redis } from "ioredis";

/** Either shape of Redis client; the commands used here are the same on both. */
export type RedisClient = Redis | Cluster;

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
  const [first] = urls;
  if (first === undefined) throw new Error("no Redis address");
  if (urls.length === 1) {
    return new Redis(first, {
      ...common,
      maxRetriesPerRequest: 1,
      retryStrategy: (tries) => Math.min(50 * 2 ** Math.min(tries, 4), 500),
    });
  }
  const { username, password, protocol } = new URL(first);
  return new Cluster(
    urls.map((url) => {
      const { hostname, port } = new URL(url);
      return { host: hostname, port: port === "" ? 6379 : Number(port) };
    }),
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
        ...(username === "" ? {} : { username: decodeURIComponent(username) }),
        ...(password === "" ? {} : { password: decodeURIComponent(password) }),
        ...(protocol === "rediss:" ? { tls: {} } : {}),
      },
    },
  );
}
