import { eventually } from "./calls.ts";
import type { Instance } from "./stack.ts";
import type { Streaming } from "./streaming-pair.ts";

interface Ready {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: string }>>;
}

/** How often a server has run statements with this text since its start. */
export async function calls(
  server: { readonly sql: Streaming["sql"] },
  text: string,
): Promise<number> {
  const [row] = await server.sql<{ calls: number }[]>`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query like ${`%${text}%`}`;
  return row?.calls ?? 0;
}

/** Reads `/health/ready`. */
export async function readiness(instance: Instance): Promise<Ready & { http: number }> {
  const response = await fetch(`${instance.url}/health/ready`);
  return { ...((await response.json()) as Ready), http: response.status };
}

/** Returns whether an instance uses replica 1 and replica 2. */
export const usable = async (instance: Instance) => {
  const { checks } = await readiness(instance);
  return [checks["replica-1"]?.ok, checks["replica-2"]?.ok].join();
};

/** Waits until an instance uses both replicas. */
export const allUsable = (instance: Instance) =>
  eventually(
    10_000,
    () => usable(instance),
    (state) => state === "true,true",
  );

/** Calls without a pause until `end` is called, which returns the number of calls and the failures. */
export function keepCalling(
  work: () => Promise<unknown>,
): () => Promise<{ count: number; failures: unknown[] }> {
  const end = new AbortController();
  let count = 0;
  const failures: unknown[] = [];
  const worker = async () => {
    while (!end.signal.aborted) {
      await work().catch((error: unknown) => failures.push(error));
      count += 1;
    }
  };
  const workers = [worker(), worker(), worker()];
  return async () => {
    end.abort();
    await Promise.all(workers);
    return { count, failures };
  };
}
