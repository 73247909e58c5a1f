import { LatencyHistogram } from "../../load/histogram.ts";
import type { OpenLoopGenerator } from "../../load/open-loop-generator.ts";
import { startNginx } from "../../limits/nginx.ts";
import { startBare } from "../../limits/servers.ts";
import { ALL_CPUS } from "../../processes.ts";
import { MIX } from "./mix.ts";
import { Phones, type World } from "./phones.ts";
import { CONNECTIONS, DRAIN_SECONDS } from "./step.ts";

const NGINX_PORT = 4174;
const SERVERS = 3;
/** About what 20 shops take. */
const ANSWER_BYTES = 7_250;

/** What a rate does to servers that do nothing. */
export interface LimitStep {
  /** Units: calls a second. */
  readonly rate: number;
  readonly calls: number;
  readonly errors: number;
  /** Of `store.nearby`. */
  readonly nearby: LatencyHistogram;
}

/**
 * Lets the same phones ask bare `node:http` behind the same nginx: what this machine could give at most, with the load
 * generator on it and no database, cache or arithmetic at all. Units: calls a second, seconds.
 */
export async function runLimit(
  world: World,
  generator: OpenLoopGenerator,
  options: { readonly rates: readonly number[]; readonly seconds: number; readonly seed: number },
): Promise<LimitStep[]> {
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, () => startBare([ANSWER_BYTES], ALL_CPUS)),
  );
  try {
    const nginx = await startNginx(
      NGINX_PORT,
      servers.flatMap(({ ports }) => ports),
    );
    try {
      const phones = new Phones(world, options.seed);
      const steps: LimitStep[] = [];
      for (const rate of options.rates) {
        const { kinds } = await generator.run({
          host: nginx.host,
          port: nginx.port,
          connections: CONNECTIONS,
          schedule: phones.schedule(rate, rate, options.seconds),
          kinds: MIX.length,
          seconds: options.seconds,
          drainSeconds: DRAIN_SECONDS,
        });
        const sum = (figure: (kind: (typeof kinds)[number]) => number) =>
          kinds.reduce((total, kind) => total + figure(kind), 0);
        const [nearby] = kinds;
        steps.push({
          rate,
          calls: sum(({ calls }) => calls),
          errors: sum(({ errors }) => errors),
          nearby: new LatencyHistogram(nearby?.latencies),
        });
      }
      return steps;
    } finally {
      await nginx.stop();
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}
