/** Which procedure a queued change is sent by. */
export type LaneName = "scans" | "favorites";

/** A change that was made on the phone, as it is kept until the server has it. */
export interface QueuedChange {
  /** Made by the phone. */
  readonly id: string;
  readonly lane: LaneName;
  /** The user of the change: `sub` of the token; null for a guest's, which goes to the next user who signs in. */
  readonly owner: string | null;
  /** The change as JSON. */
  readonly body: string;
}

/** A change that the server has refused, and why. */
export interface RefusedChange extends QueuedChange {
  /** tRPC's code, such as `BAD_REQUEST`. */
  readonly code: string;
  readonly message: string;
}

/** The fate of a change that was sent; an accepted one needs no place any more. */
export type ChangeOutcome =
  | { readonly id: string; readonly isAccepted: true }
  | {
      readonly id: string;
      readonly isAccepted: false;
      readonly code: string;
      readonly message: string;
    };

/** The kinds under which entries are kept. */
export type Collection = "product" | "additive" | "store" | "cell" | "list" | "setting";

/** A kept entry. */
export interface Entry {
  readonly text: string;
  /** Units: Unix milliseconds. */
  readonly savedAtMs: number;
}

/**
 * Where the client keeps things on the device: a queue of changes, of which none is altered once it is there, and
 * entries by collection and key. Every method is done, and survives the end of the process, when its promise resolves;
 * each is all or nothing.
 */
export interface HalalStorage {
  /** Adds changes at the end of the queue; one whose lane and id are there already is left alone. */
  append(changes: readonly QueuedChange[]): Promise<void>;
  /** The first changes of a lane without an outcome, in order: the owner's and guests'. */
  waiting(lane: LaneName, owner: string | null, limit: number): Promise<readonly QueuedChange[]>;
  /** How many changes of anybody wait. */
  countWaiting(): Promise<number>;
  /** Keeps why changes were refused. */
  refuse(
    lane: LaneName,
    outcomes: readonly { readonly id: string; readonly code: string; readonly message: string }[],
  ): Promise<void>;
  /** The refused changes of the owner and of guests, in order. */
  refused(owner: string | null): Promise<readonly RefusedChange[]>;
  /** Has a refused change wait again, in its old place. */
  retry(lane: LaneName, id: string): Promise<void>;
  /** Removes changes and their outcomes. */
  remove(lane: LaneName, ids: readonly string[]): Promise<void>;

  read(collection: Collection, key: string): Promise<Entry | null>;
  write(collection: Collection, key: string, entry: Entry): Promise<void>;
  /** Keeps the latest entries of a collection, so many. */
  trim(collection: Collection, keep: number): Promise<void>;
  /** Removes everything. */
  clear(): Promise<void>;
}
