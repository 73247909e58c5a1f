import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Apart from the set-up, because that loads testcontainers, which takes half a second of processor time in each test file.

/** The addresses of the running stack, for a test file. */
export type StackAddress =
  | {
      readonly kind: "docker";
      readonly postgresPort: number;
      readonly pgbouncerPort: number;
      /** One address, or six of a cluster. */
      readonly redisUrl: string;
      readonly host: string;
      readonly networkName: string;
    }
  | { readonly kind: "embedded"; readonly templateDir: string };

declare module "vitest" {
  interface ProvidedContext {
    stack: StackAddress;
  }
}

export const SUPERUSER_PASSWORD = "superuser-of-the-test-stack";
export const OWNER_PASSWORD = "owner-of-the-test-stack";
export const APP_PASSWORD = "app-of-the-test-stack";
export const TEMPLATE_DATABASE = "template_app";
/** Built from this repository by the set-up of a run on docker. */
export const PGBOUNCER_IMAGE = "halal-pgbouncer-test";

/** Copies the prepared embedded database for one test file. */
export function copyTemplate(templateDir: string): string {
  const dataDir = mkdtempSync(join(tmpdir(), "halal-test-"));
  cpSync(templateDir, dataDir, { recursive: true });
  return dataDir;
}
