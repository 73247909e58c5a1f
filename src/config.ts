import { z } from "zod";
import {
  flag,
  list,
  originOf,
  postgresUrl,
  redisUrls,
  webAddresses,
  wholeNumber,
} from "./config-values.ts";
import { type EdgePurgeConfig, edgePurgeOf, edgeVariables } from "./edge-config.ts";
import { parseDatabaseAddress } from "./db/client/address.ts";
import { parseRedisAddress } from "./redis/address.ts";
import { entropyBits, isPublished } from "./secret-strength.ts";

/**
 * The least entropy of secrets. A signing key can be guessed offline from one token, so it needs more. Random texts are
 * far above these limits; the doctor demands more. Units: bits.
 */
const SIGNING_BITS_MIN = 64;
const TOKEN_BITS_MIN = 32;

/** How many users of one address, such as a home or an office, may use their whole limit at once. */
const ADDRESS_LIMIT_FACTOR = 10;

/** The least length of a key for HS256, that of its hash. Units: characters. Source: RFC 7518, section 3.2. */
export const JWT_SECRET_LENGTH_MIN = 32;

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().default("::"),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_DIRECT_URL: postgresUrl.optional(),
  DATABASE_REPLICA_URLS: list.pipe(z.array(postgresUrl)),
  DATABASE_POOL_MAX: wholeNumber(1, 1000).default(10),
  DATABASE_PREPARE: flag.default(false),
  DATA_DIR: z.string().default(".data"),
  REDIS_URL: redisUrls,
  JWT_SECRET: z
    .string()
    .min(JWT_SECRET_LENGTH_MIN, {
      error: `at least ${JWT_SECRET_LENGTH_MIN} characters, or JWT_JWKS_URL instead`,
    })
    .optional(),
  JWT_JWKS_URL: z
    .url({ protocol: /^https?$/, error: "an http(s):// address" })
    // fetch would refuse credentials, but only at the first token.
    .refine((text) => URL.parse(text)?.username === "", {
      error: "an http(s):// address without a user and password",
    })
    .optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  JWT_SUBJECT: z.enum(["uuid", "any"], { error: "uuid or any" }).default("uuid"),
  JWT_ROLE_CLAIM: z
    .string()
    .regex(/^[^\s.]+(?:\.[^\s.]+)*$/, {
      error: "a claim's name, or a path such as app_metadata.role",
    })
    .default("role"),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000_000).default(100),
  RATE_LIMIT_PER_ADDRESS: wholeNumber(1, 1_000_000_000).optional(),
  TRUSTED_PROXY_HOPS: wholeNumber(0, 10).default(0),
  EXPO_ACCESS_TOKEN: z.string().optional(),
  EXPO_BASE_URL: z.url({ protocol: /^https?$/, error: "an http(s):// address" }).optional(),
  SCAN_POSITION_DAYS: wholeNumber(1, 3650).default(30),
  RECALL_FEEDS: webAddresses,
  OFF_LOOKUP: flag.default(false),
  OFF_LOOKUP_PER_MINUTE: wholeNumber(1, 100).default(10),
  OFF_BASE_URL: z
    .url({ protocol: /^https?$/, error: "an http(s):// address" })
    .default("https://world.openfoodfacts.org"),
  CORS_ORIGINS: list.pipe(z.array(z.string().transform(originOf))),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "fatal, error, warn, info, debug, trace or silent",
    })
    .default("info"),
  SENTRY_DSN: z.url({ error: "a Sentry DSN" }).optional(),
  ...edgeVariables,
  METRICS_TOKEN: z.string().min(16, { error: "at least 16 characters" }).optional(),
  ALLOW_DEVELOPMENT_SECRETS: flag.default(false),
});

/** An invalid configuration; the message is one line for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The issuer of user tokens. */
export type TokenIssuer =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "jwks"; readonly url: string }
  | { readonly kind: "generated" };

/** The checked configuration of a process. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Null for an embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databaseDirectUrl: string | null;
  readonly databaseReplicaUrls: readonly string[];
  readonly databasePoolMax: number;
  readonly databasePrepare: boolean;
  readonly dataDir: string;
  /** No address for a cache in memory only, one for a Redis, several for a Redis Cluster. */
  readonly redisUrls: readonly string[];
  readonly tokenIssuer: TokenIssuer;
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly jwtSubject: "uuid" | "any";
  readonly jwtRoleClaim: string;
  readonly rateLimitPerMinute: number;
  /** The limit for all signed-in users of one address together. Units: calls a minute. */
  readonly rateLimitPerAddress: number;
  readonly trustedProxyHops: number;
  readonly corsOrigins: readonly string[];
  /** Null without a token; Expo accepts notifications without one unless the project requires it. */
  readonly expoAccessToken: string | null;
  /** The address of Expo's push service, without a slash at the end. Expo's SDK reads the variable itself. */
  readonly expoBaseUrl: string;
  /** The age at which a scan's position is rounded. Units: days. */
  readonly scanPositionDays: number;
  /** Feeds of recalls that the worker fetches. */
  readonly recallFeeds: readonly string[];
  /** Null: unknown barcodes are not looked up. */
  readonly offLookUp: { readonly baseUrl: string; readonly perMinute: number } | null;
  readonly logLevel: z.infer<typeof environment>["LOG_LEVEL"];
  readonly sentryDsn: string | null;
  readonly metricsToken: string | null;
  /** The edge that is told of writes; null without one. */
  readonly edgePurge: EdgePurgeConfig | null;
  /** One line for each variable with parts that have no effect; logged at startup. */
  readonly notices: readonly string[];
}

const SECRET_NAMES = /SECRET|TOKEN|DSN/;

function masked(name: string, value: string): string {
  if (SECRET_NAMES.test(name))
    return `${"*".repeat(Math.min(value.length, 8))} (${value.length} characters)`;
  const addresses = value.split(/,(?=\s*[a-z][a-z\d+.-]*:\/\/)/i);
  return JSON.stringify(addresses.map(withoutPassword).join(","));
}

/** Masks everything up to the last @, because a password without percent-encoding may contain any character. */
function withoutPassword(address: string): string {
  return address
    .replace(/^(\s*[a-z][a-z\d+.-]*:\/\/)?([^:@]*)[:@](?!\/\/).*@/is, "$1$2:***@")
    .replaceAll(/([?&][^=&]*pass[^=&]*=)[^&]*/gi, "$1***");
}

/**
 * Reads the configuration from environment variables. An empty variable counts as unset, and a command that does not
 * check tokens needs no issuer of tokens.
 * Errors: ConfigError that names the variable, its value (secrets masked) and the expected form.
 */
export function readConfig(
  variables: Readonly<Record<string, string | undefined>>,
  { needsIssuer = true } = {},
): Config {
  const result = environment.safeParse(
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== "")),
  );
  if (!result.success) {
    const issue = result.error.issues[0];
    const name = String(issue?.path[0] ?? "environment");
    const got = variables[name];
    throw new ConfigError(
      `${name} is ${got === undefined ? "missing" : masked(name, got)}, but must be ${issue?.message ?? "valid"}`,
    );
  }
  const env = result.data;
  if (env.JWT_SECRET !== undefined && env.JWT_JWKS_URL !== undefined) {
    throw new ConfigError(
      "JWT_SECRET and JWT_JWKS_URL are both set, but only one can sign user tokens",
    );
  }
  if (
    needsIssuer &&
    env.DATABASE_URL !== undefined &&
    env.JWT_SECRET === undefined &&
    env.JWT_JWKS_URL === undefined
  ) {
    throw new ConfigError(
      "JWT_SECRET is missing, but with DATABASE_URL it or JWT_JWKS_URL must say who signs user tokens",
    );
  }
  if (!env.ALLOW_DEVELOPMENT_SECRETS) refuseWeakSecrets(env);
  if (env.DATABASE_URL === undefined && env.DATABASE_REPLICA_URLS.length > 0) {
    throw new ConfigError("DATABASE_REPLICA_URLS is set, but needs DATABASE_URL, the primary");
  }
  const edgePurge = edgePurgeOf(env);
  if (typeof edgePurge === "string")
    throw new ConfigError(`${edgePurge} is missing, but EDGE_PURGE ${env.EDGE_PURGE} needs it`);
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL ?? null,
    databaseDirectUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL ?? null,
    databaseReplicaUrls: env.DATABASE_REPLICA_URLS,
    databasePoolMax: env.DATABASE_POOL_MAX,
    databasePrepare: env.DATABASE_PREPARE,
    dataDir: env.DATA_DIR,
    redisUrls: env.REDIS_URL,
    tokenIssuer:
      env.JWT_SECRET !== undefined
        ? { kind: "secret", secret: env.JWT_SECRET }
        : env.JWT_JWKS_URL !== undefined
          ? { kind: "jwks", url: env.JWT_JWKS_URL }
          : { kind: "generated" },
    jwtIssuer: env.JWT_ISSUER ?? null,
    jwtAudience: env.JWT_AUDIENCE ?? null,
    jwtSubject: env.JWT_SUBJECT,
    jwtRoleClaim: env.JWT_ROLE_CLAIM,
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    rateLimitPerAddress:
      env.RATE_LIMIT_PER_ADDRESS ?? env.RATE_LIMIT_PER_MINUTE * ADDRESS_LIMIT_FACTOR,
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    corsOrigins: env.CORS_ORIGINS,
    expoAccessToken: env.EXPO_ACCESS_TOKEN ?? null,
    expoBaseUrl: (env.EXPO_BASE_URL ?? "https://exp.host").replace(/\/+$/, ""),
    scanPositionDays: env.SCAN_POSITION_DAYS,
    recallFeeds: env.RECALL_FEEDS,
    offLookUp: env.OFF_LOOKUP
      ? { baseUrl: env.OFF_BASE_URL.replace(/\/+$/, ""), perMinute: env.OFF_LOOKUP_PER_MINUTE }
      : null,
    logLevel: env.LOG_LEVEL,
    sentryDsn: env.SENTRY_DSN ?? null,
    metricsToken: env.METRICS_TOKEN ?? null,
    edgePurge,
    notices: noticesOf(env),
  };
}

/**
 * Rejects secrets that are published or easy to guess.
 * Errors: ConfigError that names the variable.
 */
function refuseWeakSecrets(env: z.infer<typeof environment>): void {
  const databases = {
    DATABASE_URL: env.DATABASE_URL === undefined ? [] : [env.DATABASE_URL],
    DATABASE_DIRECT_URL: env.DATABASE_DIRECT_URL === undefined ? [] : [env.DATABASE_DIRECT_URL],
    DATABASE_REPLICA_URLS: env.DATABASE_REPLICA_URLS,
  };
  const secrets: readonly (readonly [name: string, secret: string | undefined])[] = [
    ["JWT_SECRET", env.JWT_SECRET],
    ["METRICS_TOKEN", env.METRICS_TOKEN],
    ["EDGE_PURGE_TOKEN", env.EDGE_PURGE === undefined ? undefined : env.EDGE_PURGE_TOKEN],
    ...Object.entries(databases).flatMap(([name, urls]) =>
      urls.map((url) => [name, parseDatabaseAddress(url).password] as const),
    ),
    ...env.REDIS_URL.map((url) => ["REDIS_URL", parseRedisAddress(url).password] as const),
  ];
  for (const [name, secret] of secrets) {
    if (secret !== undefined && isPublished(secret)) {
      throw new ConfigError(
        `${name} ${name.includes("URL") ? "has a password" : "is a secret"} that everybody can read in a public project, but must be your own (or set ALLOW_DEVELOPMENT_SECRETS=true on a development machine)`,
      );
    }
  }
  for (const [name, bitsMin] of [
    ["JWT_SECRET", SIGNING_BITS_MIN],
    ["METRICS_TOKEN", TOKEN_BITS_MIN],
  ] as const) {
    const secret = env[name];
    if (secret !== undefined && entropyBits(secret) < bitsMin) {
      throw new ConfigError(
        `${name} is ${masked(name, secret)} that are easy to guess, but must be random: openssl rand -base64 48`,
      );
    }
  }
}

function noticesOf(env: z.infer<typeof environment>): string[] {
  const { DATABASE_URL: main, DATABASE_DIRECT_URL: direct, DATABASE_REPLICA_URLS: replicas } = env;
  const unused: readonly (readonly [name: string, parameters: readonly string[]])[] = [
    ["DATABASE_URL", main === undefined ? [] : parseDatabaseAddress(main).unused],
    ["DATABASE_DIRECT_URL", direct === undefined ? [] : parseDatabaseAddress(direct).unused],
    ["DATABASE_REPLICA_URLS", replicas.flatMap((url) => parseDatabaseAddress(url).unused)],
    ["REDIS_URL", env.REDIS_URL.flatMap((url) => parseRedisAddress(url).unused)],
  ];
  return unused
    .filter(([, parameters]) => parameters.length > 0)
    .map(
      ([name, parameters]) =>
        `${name}: ${[...new Set(parameters)].join(", ")} ignored: parameters of another client`,
    );
}

/** Reads the configuration of this process. Errors: ConfigError. */
export function loadConfig(needs: { readonly needsIssuer?: boolean } = {}): Config {
  // oxlint-disable-next-line node/no-process-env -- no other file reads the environment
  return readConfig(process.env, needs);
}
