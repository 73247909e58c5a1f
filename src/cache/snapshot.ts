/**
 * The transactions that a statement could see, from `pg_current_snapshot()` in the form `xmin:xmax:xip,…`.
 * Source: PostgreSQL documentation, "Transaction ID and Snapshot Information Functions".
 */
export interface Snapshot {
  /** Every transaction below this number had ended. */
  readonly xmin: number;
  /** No transaction from this number on had ended. */
  readonly xmax: number;
  /** The transactions between `xmin` and `xmax` that were still running. */
  readonly running: readonly number[];
}

const FORM = /^(\d{1,16}):(\d{1,16}):((?:\d{1,16}(?:,\d{1,16})*)?)$/;

/** Parses PostgreSQL's text form of a snapshot. Errors: Error when the text is not one. */
export function parseSnapshot(text: string): Snapshot {
  const match = FORM.exec(text);
  if (match === null) throw new Error(`not a pg_snapshot: ${text.slice(0, 40)}`);
  const [, xmin = "", xmax = "", running = ""] = match;
  return {
    xmin: Number(xmin),
    xmax: Number(xmax),
    running: running === "" ? [] : running.split(",").map(Number),
  };
}

/**
 * Reduces a standby's snapshot to the transactions that its statement certainly saw. On a standby
 * `pg_current_snapshot()` names no running transactions, so only those below `xmin` count.
 * Source: PostgreSQL `procarray.c`, GetSnapshotData during recovery.
 */
export function standbySnapshot(text: string): string {
  const { xmin } = parseSnapshot(text);
  return `${xmin}:${xmin}:`;
}

/** Whether the snapshot sees the transaction `xid`, if that committed. */
export function isVisible(snapshot: Snapshot, xid: number): boolean {
  if (xid < snapshot.xmin) return true;
  if (xid >= snapshot.xmax) return false;
  return !snapshot.running.includes(xid);
}

/** Whether a snapshot sees every transaction that an earlier (or the same) snapshot sees. */
export function covers(snapshot: Snapshot, earlier: Snapshot): boolean {
  return (
    snapshot.xmax >= earlier.xmax &&
    snapshot.running.every((xid) => xid >= earlier.xmax || earlier.running.includes(xid))
  );
}
