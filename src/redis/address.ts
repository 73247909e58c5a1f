import { isIP } from "node:net";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { AddressError, decodedPart, fileOfAddress } from "../startup-error.ts";

/** The parts of a Redis address. */
export interface RedisAddress {
  /** A host name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Empty when there is none. */
  readonly username: string;
  readonly password: string;
  readonly database: number;
  /** Null for an unencrypted connection. */
  readonly tls: TlsOptions | null;
  /** Parameters of the address that this client ignores. */
  readonly unused: readonly string[];
}

/** Parameters of other clients, which this client ignores. Source: redis-py, Celery, ioredis, go-redis, Lettuce. */
const UNUSED = new Set(
  `family ssl_check_hostname timeout socket_timeout socket_connect_timeout connectTimeout max_connections pool_size
  min_idle_conns client_name clientName protocol retry_on_timeout health_check_interval decode_responses
  virtual_host password_encoding tls ssl`.split(/\s+/),
);

/** Parses an address. Errors: AddressError, whose message describes the address that is expected. */
export function parseRedisAddress(text: string): RedisAddress {
  const url = URL.parse(text);
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "") {
    throw new AddressError("redis:// addresses, separated by commas");
  }
  if (url.hash !== "") throw new AddressError("an address in which a # of a password is %23");
  const host = decodedPart(url.hostname).replace(/^\[(.*)\]$/, "$1");
  const database = url.pathname.replace(/^\//, "") || url.searchParams.get("db") || "0";
  if (!/^\d{1,4}$/.test(database)) {
    throw new AddressError("an address whose path is the number of a database");
  }
  const unused: string[] = [];
  for (const [name, value] of url.searchParams) {
    if (name === "db" || /^ssl_c(?:ert_reqs|a_certs)$/.test(name)) continue;
    const asksForTls = /^(?:tls|ssl)$/.test(name) && !/^(?:false|0)$/.test(value);
    if (asksForTls && url.protocol === "redis:")
      throw new AddressError(`an address that begins with rediss:// instead of ${name}=${value}`);
    if (!UNUSED.has(name)) {
      throw new AddressError(
        `an address without the parameter ${name}, which this client does not know`,
      );
    }
    unused.push(name);
  }
  return {
    host,
    port: url.port === "" ? 6379 : Number(url.port),
    username: decodedPart(url.username),
    password: decodedPart(url.password),
    database: Number(database),
    tls: url.protocol === "rediss:" ? tlsOf(url.searchParams, host) : null,
    unused,
  };
}

/**
 * Reads `ssl_cert_reqs` and `ssl_ca_certs` as redis-py does. Providers that sign their own certificates need one of
 * them.
 */
function tlsOf(parameters: URLSearchParams, host: string): TlsOptions {
  const checks = parameters.get("ssl_cert_reqs") ?? "required";
  if (!/^(?:CERT_)?(?:required|optional|none)$/i.test(checks)) {
    throw new AddressError("an address whose ssl_cert_reqs is required or none");
  }
  const ca = parameters.get("ssl_ca_certs");
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca: fileOfAddress("ssl_ca_certs", ca) }),
    ...(/none$/i.test(checks) ? { rejectUnauthorized: false } : {}),
  };
}
