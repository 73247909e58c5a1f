import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config.ts";

/** Returns the message of the ConfigError for an environment. */
function refusal(variables: Readonly<Record<string, string>>): string {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the environment was accepted");
}

describe("an invalid value gives one line with the variable, its value and the expected form", () => {
  it.each([
    [{ PORT: "70000" }, 'PORT is "70000", but must be a whole number from 0 to 65535'],
    [
      { CORS_ORIGINS: "https://x.com,foo" },
      'CORS_ORIGINS is "https://x.com,foo", but must be origins such as https://example.com or https://*.example.com, separated by commas, or *',
    ],
    [
      { CORS_ORIGINS: "ftp://x.com" },
      'CORS_ORIGINS is "ftp://x.com", but must be origins such as https://example.com or https://*.example.com, separated by commas, or *',
    ],
    [{ REDIS_URL: "redis,x" }, /^REDIS_URL is "redis,x", but must be redis:\/\/ addresses/],
    [{ DATABASE_PREPARE: "yes" }, 'DATABASE_PREPARE is "yes", but must be true or false'],
    [{ JWT_SECRET: "short" }, /^JWT_SECRET is \*{5} \(5 characters\), but must be at least 32/],
    [{ JWT_SUBJECT: "email" }, 'JWT_SUBJECT is "email", but must be uuid or any'],
    [{ JWT_ROLE_CLAIM: "a..b" }, /^JWT_ROLE_CLAIM is "a\.\.b", but must be a claim's name/],
    [{ DATABASE_URL: "postgres://h/db" }, /^JWT_SECRET is missing, but/],
    [{ EDGE_PURGE: "akamai" }, 'EDGE_PURGE is "akamai", but must be varnish, cloudflare or fastly'],
    [{ EDGE_PURGE: "fastly" }, /^EDGE_PURGE_TOKEN is missing, but EDGE_PURGE fastly needs it/],
    [
      { EDGE_PURGE: "cloudflare", EDGE_PURGE_TOKEN: "kTq7Zp2mVx9bLw4hNc6y" },
      /^EDGE_PURGE_ID is missing/,
    ],
    [
      { EDGE_PURGE: "varnish", EDGE_PURGE_TOKEN: "kTq7Zp2mVx9bLw4hNc6y" },
      /^EDGE_PURGE_URLS is missing/,
    ],
    [
      { EDGE_PURGE: "varnish", EDGE_PURGE_TOKEN: "development-only-purge-token" },
      /^EDGE_PURGE_(?:TOKEN is a secret that everybody can read|URLS is missing)/,
    ],
  ])("%j", (variables, message) => {
    expect(refusal(variables)).toMatch(message);
  });
});

describe("an invalid address gives one line with the variable's name", () => {
  const base = { JWT_SECRET: "kTq7Zp2mVx9bLw4hNc6yRd8sGf3jUa5e" };
  const databases = ["DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_REPLICA_URLS"];
  const redis = ["REDIS_URL"];

  it.each([...databases, ...redis])("%s with a percent sign that begins no code", (name) => {
    const scheme = redis.includes(name) ? "redis" : "postgresql";
    for (const address of [`${scheme}://u:p%ss@h/0`, `${scheme}://u%:pass@h/0`]) {
      const message = refusal({ ...base, DATABASE_URL: "postgres://h/db", [name]: address });
      expect(message).toMatch(new RegExp(`^${name} is .*, but must be an address in which a perc`));
      expect(message).not.toMatch(/p%ss|\n/);
    }
  });

  it.each([
    ["postgres://h/db?statement_timeout=5s", /without the parameter statement_timeout/],
    ["postgres://h/db?search_path=x", /without the parameter search_path/],
    ["postgres://h/db?chanel_binding=require", /without the parameter chanel_binding/],
    ["postgres://h/db?schema=halal", /without schema=halal/],
    ["postgres://h/db?sslmode=on", /whose sslmode is disable, allow/],
    ["postgres://h/db?sslrootcert=/nowhere.crt&sslmode=require", /\/nowhere\.crt: ENOENT/],
    ["postgres://u:1#x@h/db", /a # of a password is %23/],
    ["postgres://a,b/db", /with one host/],
    ["mysql://h/db", /a postgres:\/\/ address/],
    ["nonsense", /a postgres:\/\/ address/],
  ])("%s", (address, message) => {
    for (const name of databases) {
      // A comma separates the addresses of a list.
      if (name === "DATABASE_REPLICA_URLS" && address.includes(",")) continue;
      const variables = { ...base, DATABASE_URL: "postgres://h/db", [name]: address };
      expect(refusal(variables)).toMatch(new RegExp(`^${name} is .*${message.source}`));
    }
  });

  it.each([
    ["redis://h/x", /the number of a database/],
    ["redis://h?enableOfflineQueue=true", /without the parameter enableOfflineQueue/],
    ["redis://h?tls=true", /begins with rediss:\/\//],
    ["rediss://h?ssl_cert_reqs=maybe", /ssl_cert_reqs is required or none/],
    ["redis:///0", /redis:\/\/ addresses/],
  ])("%s", (address, message) => {
    for (const name of redis)
      expect(refusal({ ...base, [name]: address })).toMatch(
        new RegExp(`^${name} is .*${message.source}`),
      );
  });

  it("JWT_JWKS_URL with a password is rejected, because fetch refuses one", () => {
    expect(refusal({ JWT_JWKS_URL: "https://u:p%ss@h/jwks" })).toMatch(
      /^JWT_JWKS_URL is .*without a user and password$/,
    );
  });

  it("ignored parameters of other clients are reported once for each variable", () => {
    const { notices } = readConfig({
      ...base,
      DATABASE_URL: "postgres://h/db?channel_binding=require&sslmode=require&pgbouncer=true",
      DATABASE_REPLICA_URLS: "postgres://a/db?schema=public,postgres://b/db?schema=public",
      REDIS_URL: "redis://h?family=0",
    });
    expect(notices).toEqual([
      "DATABASE_URL: channel_binding, pgbouncer ignored: parameters of another client",
      "DATABASE_REPLICA_URLS: schema ignored: parameters of another client",
      "REDIS_URL: family ignored: parameters of another client",
    ]);
  });
});

describe("published or guessable secrets prevent the start", () => {
  const JWT_SECRET = "kTq7Zp2mVx9bLw4hNc6yRd8sGf3jUa5e";
  const base = { DATABASE_URL: "postgres://h/db", JWT_SECRET };

  it.each([
    ["DATABASE_URL", "postgres://app:development-only-app@h/db"],
    ["DATABASE_URL", "postgres://app:development%2Donly-app@h/db"],
    ["DATABASE_URL", "postgres://h/db?user=app&password=development-only-app"],
    ["DATABASE_DIRECT_URL", "postgres://owner:development-only-owner@h/db"],
    ["DATABASE_REPLICA_URLS", "postgres://app:own@a/db,postgres://app:development-only-app@b/db"],
    ["REDIS_URL", "redis://:development-only-redis@h"],
    ["REDIS_URL", "redis://:own@a,redis://:development-only-redis@b"],
    ["JWT_SECRET", "development-only-secret-of-32-bytes-or-more"],
    ["JWT_SECRET", "super-secret-jwt-token-with-at-least-32-characters-long"],
    ["METRICS_TOKEN", "development-only-metrics"],
  ])("%s=%s", (name, value) => {
    const variables = { ...base, [name]: value };
    const message = refusal(variables);
    expect(message).toMatch(new RegExp(`^${name} .*everybody can read`));
    expect(message).not.toContain("development-only-");
    expect(readConfig({ ...variables, ALLOW_DEVELOPMENT_SECRETS: "true" })).toBeDefined();
  });

  it.each([
    ["JWT_SECRET", "a".repeat(32)],
    ["JWT_SECRET", "0123456789".repeat(4)],
    ["JWT_SECRET", "abcdefghijklmnopqrstuvwxyz0123456789"],
    ["JWT_SECRET", "changeme".repeat(4)],
    ["JWT_SECRET", `${"secret-".repeat(5)}sec`],
    ["JWT_SECRET", "ab".repeat(16)],
    ["METRICS_TOKEN", "x".repeat(16)],
    ["METRICS_TOKEN", "token".repeat(4)],
  ])("%s=%s", (name, value) => {
    const message = refusal({ ...base, [name]: value });
    expect(message).toMatch(
      new RegExp(`^${name} is \\*+ \\(\\d+ characters\\) that are easy to guess`),
    );
    expect(message).not.toContain(value);
  });

  it("every random secret of 32 characters is accepted", () => {
    for (let i = 0; i < 2_000; i += 1) {
      const secret = randomBytes(16).toString("hex");
      expect(readConfig({ ...base, JWT_SECRET: secret }).tokenIssuer).toEqual({
        kind: "secret",
        secret,
      });
    }
  });
});

it("an empty variable counts as unset", () => {
  const names =
    `PORT HOST DATABASE_URL DATABASE_DIRECT_URL DATABASE_REPLICA_URLS DATABASE_POOL_MAX DATABASE_PREPARE
    DATA_DIR REDIS_URL JWT_SECRET JWT_JWKS_URL JWT_ISSUER JWT_AUDIENCE JWT_SUBJECT JWT_ROLE_CLAIM RATE_LIMIT_PER_MINUTE RATE_LIMIT_PER_ADDRESS
    TRUSTED_PROXY_HOPS CORS_ORIGINS EXPO_ACCESS_TOKEN EXPO_BASE_URL SCAN_POSITION_DAYS RECALL_FEEDS
    OFF_LOOKUP OFF_LOOKUP_PER_MINUTE OFF_BASE_URL LOG_LEVEL SENTRY_DSN METRICS_TOKEN ALLOW_DEVELOPMENT_SECRETS`.split(
      /\s+/,
    );
  expect(readConfig(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(readConfig({}));
});

it("takes feeds of recalls, also with commas in their addresses", () => {
  const feeds = ["https://a.example/api?select=a,b", "http://b.example:8080/feed.csv"];
  expect(readConfig({ RECALL_FEEDS: ` ${feeds.join(" , ")}` }).recallFeeds).toEqual(feeds);
  for (const wrong of ["ftp://a.example/x", "a.example", "https://user:word@a.example/x"])
    expect(() => readConfig({ RECALL_FEEDS: wrong })).toThrow(/^RECALL_FEEDS is /);
});

it("CORS_ORIGINS accepts a list of origins, and *", () => {
  const { corsOrigins } = readConfig({ CORS_ORIGINS: " https://x.com , http://localhost:5173,*" });
  expect(corsOrigins).toEqual(["https://x.com", "http://localhost:5173", "*"]);
});

describe("origins", () => {
  it.each([
    ["https://app.example.com/", "https://app.example.com"],
    ["https://app.example.com:443", "https://app.example.com"],
    ["http://app.example.com:80/", "http://app.example.com"],
    ["HTTPS://App.Example.COM", "https://app.example.com"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["https://halal.ü.example", "https://halal.xn--tda.example"],
    ["https://*.vercel.app/", "https://*.vercel.app"],
    ["https://*.app.example.com:8443", "https://*.app.example.com:8443"],
  ])("%s is what a browser calls %s", (given, origin) => {
    expect(readConfig({ CORS_ORIGINS: given }).corsOrigins).toEqual([origin]);
  });

  it.each([
    "https://app.example.com/path",
    "https://app.example.com/?x",
    "https://app.example.com/#x",
    "https://user:secret@app.example.com",
    "app.example.com",
    "null",
    "https://*",
    "https://*.com",
    "https://app-*.vercel.app",
    "https://*.*.example.com",
    "https://app.example.com https://b.example.com",
  ])("%s is refused", (given) => {
    expect(refusal({ CORS_ORIGINS: given })).toMatch(/^CORS_ORIGINS is .*must be origins such as/);
  });
});

describe("passwords in addresses are masked", () => {
  it.each([
    ["postgres://app:sec@ret@h:abc/db", "postgres://app:***@h:abc/db"],
    ["postgres://app:sec/r@et:@h:abc/db", "postgres://app:***@h:abc/db"],
    ["mysql://a/b:secret@h:abc/db", "mysql://a/b:***@h:abc/db"],
    ["postgres://a@b:secret@h:abc/db", "postgres://a:***@h:abc/db"],
    ["app:secret@h/db", "app:***@h/db"],
    ["mysql:app:secret@h/db", "mysql:***@h/db"],
    ["mysql://app@h/db", "mysql://app@h/db"],
    ["mysql://h/db?user=app&password=secret&x=1", "mysql://h/db?user=app&password=***&x=1"],
  ])("%s", (url, shown) => {
    expect(refusal({ DATABASE_URL: url })).toContain(`DATABASE_URL is "${shown}", but`);
  });

  it("each address of a list is masked", () => {
    expect(
      refusal({ REDIS_URL: "redis://:on@e@a:1,redis://x:tw,o@b:2, http://:three@c" }),
    ).toContain('"redis://:***@a:1,redis://x:***@b:2, http://:***@c"');
  });

  it("a password with any character is masked", () => {
    const pieces = fc.constantFrom("@", ":", "/", "?", "#", ",", "%", "&", " ", "ä");
    const passwords = fc.array(pieces, { maxLength: 6 }).map((marks) => `Q${marks.join("Q")}Q`);
    fc.assert(
      fc.property(passwords, (password) => {
        expect(refusal({ DATABASE_URL: `postgre://app:${password}@h/db` })).not.toContain("Q");
      }),
    );
  });
});
