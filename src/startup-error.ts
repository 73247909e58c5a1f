import { readFileSync } from "node:fs";

/** A reason not to start that is told to the operator as one line, without a stack. */
export class StartupError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "StartupError";
  }
}

/** The one line for a data directory that cannot be made, read or written. */
export function unusableDataDir(dataDir: string, cause: unknown): StartupError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const reason =
    code === "EEXIST" || code === "ENOTDIR"
      ? "a file is where a directory should be"
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new StartupError(`DATA_DIR ${dataDir} cannot be used: ${reason}`, { cause });
}

/** Why an address of the environment cannot be used; the message says what it must be. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/**
 * A part of an address without its percent-encoding.
 * Errors: AddressError for a percent sign that begins no code.
 */
export function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AddressError("an address in which a percent sign of a password or name is %25");
  }
}

/** A file that an address names. Errors: AddressError when it cannot be read. */
export function fileOfAddress(parameter: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new AddressError(
      `an address whose ${parameter} is a file that can be read (${path}: ${reason})`,
    );
  }
}
