import { randomUUID } from "node:crypto";
import { signToken } from "../../src/http/token.ts";
import { JWT_SECRET } from "./stack.ts";

/** The `authorization` header of a signed-in user or administrator, good for an hour. */
export async function bearer(
  user: { readonly id?: string; readonly isAdmin?: boolean } = {},
): Promise<string> {
  const { id = randomUUID(), isAdmin = false } = user;
  const token = await signToken(
    JWT_SECRET,
    { id, isAdmin },
    { lifetimeSeconds: 3600, issuer: null, audience: null },
  );
  return `Bearer ${token}`;
}
