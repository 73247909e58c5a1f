/**
 * What a statement could see: `pg_current_snapshot()` as PostgreSQL prints it, `xmin:xmax:xip,…`.
 * Source: PostgreSQL documentation, "Transaction ID and Snapshot Information Functions".
 */
export interface Snapshot {
  /** Every transaction below this had ended. */
  readonly xmin: number;
  /** No transaction from this on had ended. */
  readonly xmax: number;
  /** The ones between that were still running. */
  readonly running: readonly number[];
}

const FORM = /^(\d{1,16}):(\d{1,16}):((?:\d{1,16}(?:,\d{1,16})*)?)$/;

/** Reads PostgreSQL's text form. Errors: Error when it is not one. */
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
 * What a statement on a standby certainly saw: `pg_current_snapshot()` names no running transactions there, so only
 * what ended before all of them counts.
 * Source: PostgreSQL `procarray.c`, GetSnapshotData during recovery.
 */
export function standbySnapshot(text: string): string {
  const { xmin } = parseSnapshot(text);
  return `${xmin}:${xmin}:`;
}

/** Whether what transaction `xid` committed is contained in what the snapshot saw. */
export function isVisible(snapshot: Snapshot, xid: number): boolean {
  if (xid < snapshot.xmin) return true;
  if (xid >= snapshot.xmax) return false;
  return !snapshot.running.includes(xid);
}

/** Whether a snapshot saw all that an earlier (or the same) one saw. */
export function covers(snapshot: Snapshot, earlier: Snapshot): boolean {
  return (
    snapshot.xmax >= earlier.xmax &&
    snapshot.running.every((xid) => xid >= earlier.xmax || earlier.running.includes(xid))
  );
}
