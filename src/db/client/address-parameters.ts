import { AddressError } from "../../startup-error.ts";

/**
 * Parameters of other clients and poolers, which this client ignores and reports once at startup.
 * Source: libpq 17, section 32.1.2; Prisma, PostgreSQL connector; node-postgres; pgx; JDBC; the strings that Neon,
 * Supabase, Railway, Vercel and Heroku give out.
 */
const UNUSED = new Set(
  `channel_binding target_session_attrs load_balance_hosts fallback_application_name connect_timeout sslsni
  sslcompression sslcertmode keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout
  gssencmode gsslib gssdelegation krbsrvname hostaddr
  pgbouncer schema connection_limit pool_timeout socket_timeout statement_cache_size single_use_connections
  supa workaround uselibpqcompat
  pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_idle_time pool_health_check_period
  pool_size max_pool_size min_pool_size default_query_exec_mode statement_cache_capacity
  max idle_timeout max_lifetime max_pipeline prepare fetch_types keep_alive
  currentSchema prepareThreshold preparedStatements tcpKeepAlive loginTimeout socketTimeout reWriteBatchedInserts
  serverVersion charset client_encoding`.split(/\s+/),
);

/** The accepted values of ignored parameters: they ask for the behaviour that this client has anyway. */
const ONLY: Readonly<Record<string, RegExp>> = {
  schema: /^public$/,
  currentSchema: /^public$/,
  charset: /^utf-?8$/i,
  client_encoding: /^(?:utf-?8|auto)$/i,
  gssencmode: /^(?:disable|prefer)$/,
};

/** Parameters that this client acts on. */
const USED = new Set(
  `sslmode ssl sslaccept sslnegotiation sslrootcert sslcert sslkey sslpassword ssl_min_protocol_version
  ssl_max_protocol_version application_name ApplicationName options host port user password dbname`.split(
    /\s+/,
  ),
);

/** An address's parameters that are used, and the names of those that are ignored. */
export interface AddressParameters {
  readonly used: ReadonlyMap<string, string>;
  readonly unused: readonly string[];
}

/** Sorts an address's parameters. Errors: AddressError for an unknown parameter or an unsupported value. */
export function sortParameters(parameters: URLSearchParams): AddressParameters {
  const used = new Map<string, string>();
  const unused = new Set<string>();
  for (const [name, value] of parameters) {
    if (USED.has(name)) {
      used.set(name, value);
      continue;
    }
    if (!UNUSED.has(name)) {
      throw new AddressError(
        `an address without the parameter ${name}, which this client does not know (settings of the server belong to the role: ALTER ROLE … SET)`,
      );
    }
    const only = ONLY[name];
    if (only !== undefined && !only.test(value)) {
      throw new AddressError(`an address without ${name}=${value}, which this client cannot do`);
    }
    unused.add(name);
  }
  return { used, unused: [...unused] };
}
