import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config.ts";

/** What a start that this environment stops says. */
function refusal(variables: Readonly<Record<string, string>>): string {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the environment was accepted");
}

describe("a bad value is one line with its name, what it is and what it must be", () => {
  it.each([
    [{ PORT: "70000" }, 'PORT is "70000", but must be a whole number from 0 to 65535'],
    [
      { CORS_ORIGINS: "https://x.com,foo" },
      'CORS_ORIGINS is "https://x.com,foo", but must be origins such as https://example.com, separated by commas, or *',
    ],
    [
      { CORS_ORIGINS: "ftp://x.com" },
      'CORS_ORIGINS is "ftp://x.com", but must be origins such as https://example.com, separated by commas, or *',
    ],
    [{ REDIS_URL: "redis,x" }, /^REDIS_URL is "redis,x", but must be redis:\/\/ addresses/],
    [{ DATABASE_PREPARE: "yes" }, 'DATABASE_PREPARE is "yes", but must be true or false'],
    [{ JWT_SECRET: "short" }, /^JWT_SECRET is \*{5} \(5 characters\), but must be at least 32/],
    [{ DATABASE_URL: "postgres://h/db" }, /^JWT_SECRET is missing, but/],
  ])("%j", (variables, message) => {
    expect(refusal(variables)).toMatch(message);
  });
});

it("takes an empty variable for one that is not set", () => {
  const names =
    `PORT HOST DATABASE_URL DATABASE_DIRECT_URL DATABASE_REPLICA_URLS DATABASE_POOL_MAX DATABASE_PREPARE
    DATA_DIR REDIS_URL JWT_SECRET JWT_JWKS_URL JWT_ISSUER JWT_AUDIENCE RATE_LIMIT_PER_MINUTE
    TRUSTED_PROXY_HOPS CORS_ORIGINS EXPO_ACCESS_TOKEN EXPO_BASE_URL SCAN_POSITION_DAYS LOG_LEVEL SENTRY_DSN METRICS_TOKEN ALLOW_DEVELOPMENT_SECRETS`.split(
      /\s+/,
    );
  expect(readConfig(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(readConfig({}));
});

it("takes origins, and all of them", () => {
  const { corsOrigins } = readConfig({ CORS_ORIGINS: " https://x.com , http://localhost:5173,*" });
  expect(corsOrigins).toEqual(["https://x.com", "http://localhost:5173", "*"]);
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

  it("in each address of a list", () => {
    expect(
      refusal({ REDIS_URL: "redis://:on@e@a:1,redis://x:tw,o@b:2, http://:three@c" }),
    ).toContain('"redis://:***@a:1,redis://x:***@b:2, http://:***@c"');
  });

  it("whatever the password has in it", () => {
    const pieces = fc.constantFrom("@", ":", "/", "?", "#", ",", "%", "&", " ", "ä");
    const passwords = fc.array(pieces, { maxLength: 6 }).map((marks) => `Q${marks.join("Q")}Q`);
    fc.assert(
      fc.property(passwords, (password) => {
        expect(refusal({ DATABASE_URL: `postgre://app:${password}@h/db` })).not.toContain("Q");
      }),
    );
  });
});
