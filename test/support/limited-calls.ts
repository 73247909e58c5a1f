import { signToken } from "../../src/http/token.ts";
import { JWT_SECRET, type Instance, type Stack } from "./stack.ts";

/** Starts an instance with this limit, and with the limit of one address out of the way. */
export const startLimited = (
  stack: Stack,
  limit: number,
  environment: Record<string, string> = {},
  redisUrl?: string,
) =>
  stack.startInstance({
    environment: {
      RATE_LIMIT_PER_MINUTE: String(limit),
      RATE_LIMIT_PER_ADDRESS: "1000000",
      ...environment,
    },
    ...(redisUrl === undefined ? {} : { redisUrl }),
  });

let callers = 0;

/** Returns an unused address, because instances share Redis with other tests and other runs. */
export function newAddress(): string {
  callers += 1;
  return `10.${process.pid % 256}.${callers >> 8}.${callers & 255}`;
}

/** The Authorization header of a user. */
export const bearerOf = async (id: string, secret = JWT_SECRET) =>
  `Bearer ${await signToken(secret, { id, isAdmin: false }, { lifetimeSeconds: 600, issuer: null, audience: null })}`;

/** Sends a GET for a procedure. */
export const ask = (instance: Instance, path: string, headers: Record<string, string> = {}) =>
  fetch(`${instance.url}/trpc/${path}`, { headers });

/** Makes calls one after another and returns their statuses. */
export async function statuses(
  instance: Instance,
  times: number,
  headers: Record<string, string>,
  path = "certifier.list",
): Promise<number[]> {
  const list: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const response = await ask(instance, path, headers);
    await response.arrayBuffer();
    list.push(response.status);
  }
  return list;
}

/** A list of equal statuses. */
export const times = (count: number, status: number) => Array.from({ length: count }, () => status);
