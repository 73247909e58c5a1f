import { type DestinationStream, type Logger, pino } from "pino";
import { summarizeError } from "./error-summary.ts";

const REDACTED = [
  "authorization",
  "latitude",
  "longitude",
  "token",
  "*.authorization",
  "*.latitude",
  "*.longitude",
  "*.token",
  "*.headers.authorization",
];

/** Creates the log of the process: JSON lines, with errors summarised without input of callers. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    redact: REDACTED,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: {
      err: (error: unknown) => (error instanceof Error ? summarizeError(error) : error),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
