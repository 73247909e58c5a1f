import { Cluster, Redis } from "ioredis";
import { parseRedisAddress } from "./address.ts";
import { NamedConnector } from "./named-connector.ts";

/** A client of one Redis or of a cluster; the commands used here are the same on both. */
export type RedisClient = Redis | Cluster;

/** Opens a client for one address or, with several, for a cluster. Commands are never queued or sent again. */
export function openRedis(urls: readonly string[]): RedisClient {
  const common = {
    // RESP2, because ioredis 6 has unreleased fixes for RESP3.
    protocol: 2,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 1000,
    // How long a connection may take to close before it is destroyed.
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
      // A master that hangs does not redirect clients to its successor.
      slotsRefreshInterval: 1000,
      // A call to an unavailable node fails at once: a retry would run after its caller timed out, and could overwrite
      // newer data.
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
      // Certificates are issued for names, so a node's name must not be resolved before the connection is opened.
      ...(tls === null
        ? {}
        : {
            dnsLookup: (name: string, found: (error: null, name: string) => void) =>
              found(null, name),
          }),
    },
  );
}
