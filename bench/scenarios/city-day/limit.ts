import type { OpenLoopGenerator } from "../../load/open-loop-generator.ts";
import { startNginx } from "../../limits/nginx.ts";
import { startBare } from "../../limits/servers.ts";
import { ALL_CPUS } from "../../processes.ts";
import { Phones, type World } from "./phones.ts";
import { sendRequests, type SentRequests } from "./step.ts";

const NGINX_PORT = 4174;
const SERVERS = 3;
/** About what 20 shops take. */
const ANSWER_BYTES = 7_250;

/** What a rate does to servers that do nothing. */
export interface LimitStep extends SentRequests {
  /** Units: calls a second. */
  readonly rate: number;
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
        const schedule = phones.schedule(rate, rate, options.seconds);
        steps.push({ rate, ...(await sendRequests(generator, nginx, schedule, options.seconds)) });
      }
      return steps;
    } finally {
      await nginx.stop();
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}
