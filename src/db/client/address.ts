import { isIP } from "node:net";
import type { ConnectionOptions as TlsOptions, SecureVersion } from "node:tls";
import type postgres from "postgres";
import { AddressError, decodedPart, fileOfAddress } from "../../startup-error.ts";
import { sortParameters } from "./address-parameters.ts";

/** The parts of a PostgreSQL address. */
export interface DatabaseAddress {
  /** A host name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The path of a unix socket that replaces host and port, or null. */
  readonly socketPath: string | null;
  readonly user: string;
  readonly password: string;
  /** Empty for the database with the user's name. */
  readonly database: string;
  /** `prefer` encrypts the connection if the server supports it; null never encrypts. */
  readonly tls: TlsOptions | "prefer" | null;
  /** Whether the connection starts with TLS, without PostgreSQL's own request for encryption. */
  readonly isDirectTls: boolean;
  readonly applicationName: string | null;
  /** The startup parameter `options`, such as Neon's `endpoint=…`. */
  readonly startupOptions: string | null;
  /** Parameters of the address that this client ignores. */
  readonly unused: readonly string[];
}

/** Parses an address. Errors: AddressError, whose message describes the address that is expected. */
export function parseDatabaseAddress(text: string): DatabaseAddress {
  // The URL standard does not allow a user with an empty host, as in Cloud SQL's addresses.
  const url = URL.parse(text.replace(/^([a-z]+:\/\/[^/@]*@)(?=\/)/, "$1localhost"));
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw new AddressError("a postgres:// address");
  }
  if (url.hash !== "") throw new AddressError("an address in which a # of a password is %23");
  const { used, unused } = sortParameters(url.searchParams);
  const named = (name: string) => used.get(name) ?? "";
  const host = named("host") || decodedPart(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if (host.includes(",")) {
    throw new AddressError("an address with one host (read replicas go to DATABASE_REPLICA_URLS)");
  }
  const port = url.port || named("port") || "5432";
  if (!/^\d{1,5}$/.test(port)) throw new AddressError("an address whose port is a number");
  const isSocket = host.startsWith("/");
  const tlsHost = host === "" ? "localhost" : host;
  return {
    host: isSocket ? "localhost" : tlsHost,
    port: Number(port),
    socketPath: isSocket ? `${host}/.s.PGSQL.${port}` : null,
    user: decodedPart(url.username) || named("user"),
    password: decodedPart(url.password) || named("password"),
    database: decodedPart(url.pathname.slice(1)) || named("dbname"),
    // Source: libpq, which never encrypts a unix socket.
    tls: isSocket ? null : tlsOf(used, tlsHost),
    isDirectTls: isDirect(used),
    applicationName: used.get("application_name") ?? used.get("ApplicationName") ?? null,
    startupOptions: used.get("options") ?? null,
    unused,
  };
}

function isDirect(used: ReadonlyMap<string, string>): boolean {
  const negotiation = used.get("sslnegotiation") ?? "postgres";
  if (!/^(?:postgres|direct)$/.test(negotiation)) {
    throw new AddressError("an address whose sslnegotiation is postgres or direct");
  }
  return negotiation === "direct";
}

/** Returns the `sslmode`, also from node-postgres's `ssl` and Prisma's `sslaccept`. */
function modeOf(used: ReadonlyMap<string, string>): string {
  const ssl = used.get("ssl");
  const accept = used.get("sslaccept");
  if (accept !== undefined && !/^(?:strict|accept_invalid_certs)$/.test(accept)) {
    throw new AddressError("an address whose sslaccept is strict or accept_invalid_certs");
  }
  const mode =
    used.get("sslmode") ??
    (ssl === undefined || ssl === "false" || ssl === "0"
      ? undefined
      : /^(?:true|1)$/.test(ssl)
        ? "verify-full"
        : ssl);
  if (used.get("sslrootcert") === "system") return "verify-full";
  if (accept === "strict" && mode === "require") return "verify-full";
  return mode ?? "disable";
}

/**
 * Returns the TLS options of a connection, which include how the server's certificate is checked.
 * Source: libpq, section 32.19 (`require` checks nothing unless a root certificate is given).
 */
function tlsOf(used: ReadonlyMap<string, string>, host: string): DatabaseAddress["tls"] {
  const mode = modeOf(used);
  const root = used.get("sslrootcert") ?? "system";
  const own: TlsOptions = {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(root === "system" ? {} : { ca: fileOfAddress("sslrootcert", root) }),
    ...fileOption(used, "sslcert", "cert"),
    ...fileOption(used, "sslkey", "key"),
    ...(used.has("sslpassword") ? { passphrase: used.get("sslpassword") ?? "" } : {}),
    ...versionOption(used, "ssl_min_protocol_version", "minVersion"),
    ...versionOption(used, "ssl_max_protocol_version", "maxVersion"),
    ...(isDirect(used) ? { ALPNProtocols: ["postgresql"] } : {}),
  };
  switch (mode) {
    case "disable":
      return null;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
    case "no-verify":
      return root === "system"
        ? { ...own, rejectUnauthorized: false }
        : { ...own, checkServerIdentity: () => undefined };
    case "verify-ca":
      return { ...own, checkServerIdentity: () => undefined };
    case "verify-full":
      return own;
    default:
      throw new AddressError(
        "an address whose sslmode is disable, allow, prefer, require, verify-ca or verify-full",
      );
  }
}

function fileOption(used: ReadonlyMap<string, string>, name: string, option: string): TlsOptions {
  const path = used.get(name);
  return path === undefined ? {} : { [option]: fileOfAddress(name, path) };
}

function versionOption(
  used: ReadonlyMap<string, string>,
  name: string,
  option: string,
): TlsOptions {
  const version = used.get(name);
  if (version === undefined) return {};
  if (!/^TLSv1\.[23]$/.test(version)) {
    throw new AddressError(`an address whose ${name} is TLSv1.2 or TLSv1.3`);
  }
  return { [option]: version as SecureVersion };
}

/** Startup settings for statements without a time limit. */
export const NO_TIME_LIMITS = {
  statement_timeout: "0",
  idle_in_transaction_session_timeout: "0",
} as const;

/** Settings of a connection that are not part of the address. */
export interface ConnectionSettings {
  /** The path of a unix socket that replaces the address's host. */
  readonly socketPath?: string | null | undefined;
  /** A database that replaces the address's database. */
  readonly database?: string;
  readonly applicationName: string;
  /** Startup parameters; as text, because postgres-js omits a 0. */
  readonly startup?: Readonly<Record<string, string>>;
}

/** Returns the connection options of postgres-js for an address; every connection of this program uses them. */
export function connectionTo(
  url: string,
  { socketPath = null, database, applicationName, startup = {} }: ConnectionSettings,
): postgres.Options<Record<string, never>> {
  const address = parseDatabaseAddress(url);
  const path = socketPath ?? address.socketPath;
  const name = database ?? address.database;
  // Undeclared lists, because postgres-js splits an IPv6 address in a plain text at its colons.
  const place = { host: [address.host], port: [address.port] } as object;
  return {
    ...place,
    ...(path === null ? {} : { path }),
    ...(address.user === "" ? {} : { user: address.user }),
    ...(address.password === "" ? {} : { password: address.password }),
    ...(name === "" ? {} : { database: name }),
    ssl: path === null ? (address.tls ?? false) : false,
    ...(address.isDirectTls && path === null ? { sslnegotiation: "direct" as const } : {}),
    connection: {
      application_name: address.applicationName ?? applicationName,
      ...(address.startupOptions === null ? {} : { options: address.startupOptions }),
      ...startup,
    },
  };
}
