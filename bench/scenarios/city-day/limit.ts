import type { OpenLoopGenerator } from "../../load/open-loop-generator.ts";
import { startNginx } from "../../limits/nginx.ts";
import { startBare } from "../../limits/servers.ts";
import { ALL_CPUS } from "../../processes.ts";
import { Phones, type World } from "./phones.ts";
import { sendRequests, type SentRequests } from "./step.ts";

const NGINX_PORT = 4174;
const SERVERS = 3;
/** About the size of an answer with 20 shops. */
const ANSWER_BYTES = 7_250;

/** The result of a rate against bare servers. */
export interface LimitStep extends SentRequests {
  /** Units: calls a second. */
  readonly rate: number;
}

/**
 * Runs the same phones against bare `node:http` behind the same nginx, which shows the most that this machine could do
 * with the load generator, but without database, cache and computation. Units: calls a second, seconds.
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
