import { parseArgs } from "node:util";
import { z } from "zod";
import { loadConfig } from "../config.ts";
import { developmentSecret } from "../development-secret.ts";
import { signToken } from "../http/token.ts";
import { runCommand } from "./command.ts";
import { StartupError } from "../startup-error.ts";

const LIFETIME_SECONDS = 30 * 24 * 3600;

/** Prints a token for development, valid for 30 days: `--user <uuid> [--role admin]`. */
await runCommand(async () => {
  const { values } = parseArgs({ options: { user: { type: "string" }, role: { type: "string" } } });
  const user = z.uuid().safeParse(values.user);
  if (!user.success) throw new StartupError("--user <uuid>: the user of the token");
  if (values.role !== undefined && values.role !== "admin") {
    throw new StartupError("--role admin: there is no other role");
  }
  const config = loadConfig();
  if (config.tokenIssuer.kind === "jwks") {
    throw new StartupError("JWT_JWKS_URL is set: only the owner of those keys can sign tokens");
  }
  const secret =
    config.tokenIssuer.kind === "secret"
      ? config.tokenIssuer.secret
      : developmentSecret(config.dataDir);
  const token = await signToken(
    secret,
    { id: user.data, isAdmin: values.role === "admin" },
    { lifetimeSeconds: LIFETIME_SECONDS, issuer: config.jwtIssuer, audience: config.jwtAudience },
  );
  process.stdout.write(`${token}\n`);
});
