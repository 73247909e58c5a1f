import type { Config } from "../config.ts";
import type { ResolvedDatabase } from "../database-source.ts";
import { askRedis } from "./ask-redis.ts";
import { attempt } from "./attempt.ts";
import { checkClock } from "./database-health.ts";
import { examineDatabase, examineEmbedded } from "./examine-database.ts";
import { examineEdge } from "./edge.ts";
import { fail, type Finding, warn } from "./finding.ts";
import { checkCacheRedis } from "./redis.ts";
import { addressOf, checkSecrets, passwordOf, type SecretFacts } from "./secrets.ts";

/**
 * Examines every part of a deployment and returns the findings.
 * It writes nothing (at the edge it purges a tag that nothing has), and a part that cannot be examined is a finding, not an error.
 */
export async function examine(
  config: Config,
  source: ResolvedDatabase,
  instances: number,
): Promise<Finding[]> {
  const findings = source.isEmbedded
    ? await examineEmbedded(source.databaseUrl, source.socketPath)
    : await examineDatabase(config, source.databaseUrl, instances);
  findings.push(...(await examineRedis(config)), ...checkSecrets(secretsOf(config)));
  findings.push(...(await examineEdge(config)));
  for (const notice of config.notices) {
    findings.push(warn("configuration", notice, "take it out of the variable"));
  }
  if (!source.isEmbedded && config.metricsToken === null) {
    findings.push(
      warn(
        "metrics",
        "METRICS_TOKEN is not set: everyone who reaches an instance can read /metrics",
        "set it, or let the proxy in front refuse /metrics",
      ),
    );
  }
  return findings;
}

async function examineRedis({ redisUrls }: Config): Promise<readonly Finding[]> {
  if (redisUrls.length === 0) return [];
  return await attempt(
    `cache Redis ${redisUrls.map(addressOf).join(", ")}`,
    async () =>
      (await askRedis(redisUrls)).flatMap(({ facts, clock }) => [
        checkCacheRedis(facts),
        checkClock(clock),
      ]),
    fail,
  );
}

function secretsOf(config: Config): SecretFacts[] {
  const passwords = [
    ["DATABASE_URL", config.databaseUrl],
    ["DATABASE_DIRECT_URL", config.databaseDirectUrl],
    ["REDIS_URL", config.redisUrls[0]],
  ] as const;
  const seen = new Set<string>();
  return [
    ...(config.tokenIssuer.kind === "secret"
      ? [{ name: "JWT_SECRET", value: config.tokenIssuer.secret, kind: "key" } as const]
      : []),
    ...(config.metricsToken === null
      ? []
      : [{ name: "METRICS_TOKEN", value: config.metricsToken, kind: "password" } as const]),
    ...(config.edgePurge === null
      ? []
      : [{ name: "EDGE_PURGE_TOKEN", value: config.edgePurge.token, kind: "password" } as const]),
    ...passwords.flatMap(([name, url]) => {
      const value = url === null || url === undefined ? null : passwordOf(url);
      if (value === null || seen.has(value)) return [];
      seen.add(value);
      return [{ name: `in ${name}`, value, kind: "password" } as const];
    }),
  ];
}
