import { constants } from "node:os";

/** Takes what SIGINT and SIGTERM do over from the exit of the process. */
export type HandOver = (stop: (signal: NodeJS.Signals) => void) => void;

/**
 * From here on SIGINT and SIGTERM exit with 128 and their number, so that exit handlers run, which they do not when the
 * signal itself ends the process; until something that stops in good order takes over.
 */
export function exitOnStopSignals(): HandOver {
  let stop = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  return (takenOver) => {
    stop = takenOver;
  };
}
