import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { JWT_SECRET_LENGTH_MIN } from "./config.ts";
import { StartupError, unusableDataDir } from "./startup-error.ts";

/**
 * The secret that signs development tokens: random, made once, kept in the data directory.
 * Errors: StartupError when the directory cannot be used, or what it holds is too short to sign with.
 */
export function developmentSecret(dataDirectory: string): string {
  const dataDir = resolve(dataDirectory);
  const file = join(dataDir, "jwt-secret");
  let secret: string;
  try {
    secret = readSecret(file) ?? makeSecret(dataDir, file);
  } catch (error) {
    throw unusableDataDir(dataDir, error);
  }
  if (secret.length < JWT_SECRET_LENGTH_MIN) {
    throw new StartupError(
      `${file} has ${secret.length} characters, but a secret must have at least ${JWT_SECRET_LENGTH_MIN}: remove it, and a new one is made`,
    );
  }
  return secret;
}

function readSecret(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** The file is whole from the moment it has its name; of two processes that make one, both get the first. */
function makeSecret(dataDir: string, file: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const whole = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    const descriptor = openSync(whole, "wx", 0o600);
    try {
      writeFileSync(descriptor, randomBytes(32).toString("base64url"));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    try {
      linkSync(whole, file);
    } catch (error) {
      // Shared folders of virtual machines have no hard links.
      if (!isCode(error, "EEXIST")) renameSync(whole, file);
    }
  } finally {
    rmSync(whole, { force: true });
  }
  return readFileSync(file, "utf8");
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
