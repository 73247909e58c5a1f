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
