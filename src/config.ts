import { z } from "zod";

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: "a postgres:// address" });
const redisUrls = list.pipe(
  z.array(z.url({ protocol: /^rediss?$/, error: "redis:// addresses, separated by commas" })),
);
const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `a whole number from ${minimum} to ${maximum}` })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(minimum, { error: `a whole number from ${minimum} to ${maximum}` })
        .max(maximum, { error: `a whole number from ${minimum} to ${maximum}` }),
    );
const flag = z
  .enum(["true", "false"], { error: "true or false" })
  .transform((value) => value === "true");

/** As long as the hash that HS256 signs with. Units: characters. Source: RFC 7518, section 3.2. */
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
  JWT_JWKS_URL: z.url({ protocol: /^https?$/, error: "an http(s):// address" }).optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000_000).default(100),
  TRUSTED_PROXY_HOPS: wholeNumber(0, 10).default(0),
  CORS_ORIGINS: list.pipe(
    z.array(
      z
        .string()
        .refine((origin) => origin === "*" || /^https?:$/.test(URL.parse(origin)?.protocol ?? ""), {
          error: "origins such as https://example.com, separated by commas, or *",
        }),
    ),
  ),
  EXPO_ACCESS_TOKEN: z.string().optional(),
  EXPO_BASE_URL: z.url({ protocol: /^https?$/, error: "an http(s):// address" }).optional(),
  SCAN_POSITION_DAYS: wholeNumber(1, 3650).default(30),
  LOG_LEVEL: z
    .enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "fatal, error, warn, info, debug, trace or silent",
    })
    .default("info"),
  SENTRY_DSN: z.url({ error: "a Sentry DSN" }).optional(),
  METRICS_TOKEN: z.string().min(16, { error: "at least 16 characters" }).optional(),
  ALLOW_DEVELOPMENT_SECRETS: flag.default(false),
});

/** Marks secrets that stand in a public file; they are refused unless ALLOW_DEVELOPMENT_SECRETS is true. */
export const DEVELOPMENT_SECRET_MARK = "development-only";

/** A start that cannot go on because of the environment; the message is one line for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Who signs user tokens. */
export type TokenIssuer =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "jwks"; readonly url: string }
  | { readonly kind: "generated" };

/** Everything the process was told by its environment, checked. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Null: an embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databaseDirectUrl: string | null;
  readonly databaseReplicaUrls: readonly string[];
  readonly databasePoolMax: number;
  readonly databasePrepare: boolean;
  readonly dataDir: string;
  /** Empty: memory only; several: Redis Cluster. */
  readonly redisUrls: readonly string[];
  readonly tokenIssuer: TokenIssuer;
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly rateLimitPerMinute: number;
  readonly trustedProxyHops: number;
  readonly corsOrigins: readonly string[];
  /** Null: Expo takes notifications without one, unless its project says otherwise. */
  readonly expoAccessToken: string | null;
  /** After how many days a scan's position is rounded. */
  readonly scanPositionDays: number;
  readonly logLevel: z.infer<typeof environment>["LOG_LEVEL"];
  readonly sentryDsn: string | null;
  readonly metricsToken: string | null;
}

const SECRET_NAMES = /SECRET|TOKEN|DSN/;

function masked(name: string, value: string): string {
  if (SECRET_NAMES.test(name))
    return `${"*".repeat(Math.min(value.length, 8))} (${value.length} characters)`;
  const addresses = value.split(/,(?=\s*[a-z][a-z\d+.-]*:\/\/)/i);
  return JSON.stringify(addresses.map(withoutPassword).join(","));
}

/** Up to the last @, because a password that was not percent-encoded may have any character in it. */
function withoutPassword(address: string): string {
  return address
    .replace(/^(\s*[a-z][a-z\d+.-]*:\/\/)?([^:@]*)[:@](?!\/\/).*@/is, "$1$2:***@")
    .replaceAll(/([?&][^=&]*pass[^=&]*=)[^&]*/gi, "$1***");
}

/**
 * Reads the configuration from environment variables; an empty one is as good as none, and a command that answers
 * nobody needs no issuer of tokens.
 * Errors: ConfigError that names the variable, what it got (secrets masked) and what it wants.
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
  for (const name of ["JWT_SECRET", "METRICS_TOKEN"] as const) {
    if (env[name]?.includes(DEVELOPMENT_SECRET_MARK) === true && !env.ALLOW_DEVELOPMENT_SECRETS) {
      throw new ConfigError(
        `${name} is a secret that everybody can read in the project, but must be your own (or set ALLOW_DEVELOPMENT_SECRETS=true on a development machine)`,
      );
    }
  }
  if (env.DATABASE_URL === undefined && env.DATABASE_REPLICA_URLS.length > 0) {
    throw new ConfigError("DATABASE_REPLICA_URLS is set, but needs DATABASE_URL, the primary");
  }
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
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    corsOrigins: env.CORS_ORIGINS,
    expoAccessToken: env.EXPO_ACCESS_TOKEN ?? null,
    scanPositionDays: env.SCAN_POSITION_DAYS,
    logLevel: env.LOG_LEVEL,
    sentryDsn: env.SENTRY_DSN ?? null,
    metricsToken: env.METRICS_TOKEN ?? null,
  };
}

/** The configuration of this process. Errors: ConfigError. */
export function loadConfig(needs: { readonly needsIssuer?: boolean } = {}): Config {
  // oxlint-disable-next-line node/no-process-env -- the one reader of the environment
  return readConfig(process.env, needs);
}
