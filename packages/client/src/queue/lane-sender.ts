import { errorFactsOf } from "../errors.ts";
import { sentBy } from "../token.ts";
import type { HalalStorage, LaneName, QueuedChange } from "../storage/storage.ts";
import type { Lane, SentOutcome } from "./lane.ts";

/** The message to the app when the server has decided about a change. */
export interface ChangeEvent {
  readonly id: string;
  readonly lane: LaneName;
  readonly outcome: Exclude<SentOutcome, { state: "later" }>;
}

type Refused = Extract<SentOutcome, { state: "refused" }>;

/** The end of sending a lane: `later` when something has to wait. */
export type PassEnd =
  | { readonly state: "done" }
  | { readonly state: "later"; readonly retryAfterSeconds?: number };

const DONE: PassEnd = { state: "done" };

/** Refusals of a call as a whole, for which one of its changes may be to blame. */
const REFUSALS: ReadonlySet<string> = new Set([
  "BAD_REQUEST",
  "PARSE_ERROR",
  "CONFLICT",
  "NOT_FOUND",
  "FORBIDDEN",
  "PAYLOAD_TOO_LARGE",
]);
/** When the server has failed so often in a row, one change may be to blame. */
const FAILURES_MAX = 5;

/** The outcome of a call as a whole. */
type CallEnd =
  | { readonly state: "sent"; readonly outcomes: readonly SentOutcome[] }
  | { readonly state: "failed" }
  | Refused
  | Extract<PassEnd, { state: "later" }>;

/** Sends the changes of one lane. */
export class LaneSender {
  readonly #lane: Lane;
  readonly #storage: HalalStorage;
  readonly #tell: (event: ChangeEvent) => void;
  /** Calls in a row at which the server failed. */
  #failures = 0;

  constructor(lane: Lane, storage: HalalStorage, tell: (event: ChangeEvent) => void) {
    this.#lane = lane;
    this.#storage = storage;
    this.#tell = tell;
  }

  /** Sends all that waits, as long as that goes. Errors: those of the storage. */
  async sendAll(owner: string, isClosed: () => boolean): Promise<PassEnd> {
    const { name, batchMax } = this.#lane;
    let size = batchMax;
    while (!isClosed()) {
      const changes = await this.#storage.waiting(name, owner, size);
      if (changes.length === 0) return DONE;
      const end = await this.#call(changes, owner);
      if (end.state === "later") return end;
      if (end.state === "sent") {
        this.#failures = 0;
        const rest = await this.#keep(changes, end.outcomes);
        if (rest !== undefined) return rest;
        size = Math.min(batchMax, size * 2);
      } else if (changes.length > 1) {
        // One of them is to blame: fewer are sent until it stands alone.
        size = Math.ceil(changes.length / 2);
      } else if (end.state === "refused") {
        await this.#keep(changes, [end]);
      } else if (!(await this.#isToBlame(owner))) {
        return { state: "later" };
      }
    }
    return DONE;
  }

  /**
   * Finds out whether the first change is why the server fails: it is when the next one is accepted, and is refused
   * then. When the next one fails as well, or there is none, it is the server, and everything waits.
   */
  async #isToBlame(owner: string): Promise<boolean> {
    const [first, second] = await this.#storage.waiting(this.#lane.name, owner, 2);
    if (first === undefined || second === undefined) return false;
    const end = await this.#call([second], owner);
    if (end.state !== "sent") return false;
    const code = "INTERNAL_SERVER_ERROR";
    await this.#keep([first], [{ state: "refused", code, message: "The server fails at this." }]);
    await this.#keep([second], end.outcomes);
    return true;
  }

  async #call(changes: readonly QueuedChange[], owner: string): Promise<CallEnd> {
    try {
      const outcomes = await this.#lane.send(changes, { context: sentBy(owner) });
      return { state: "sent", outcomes };
    } catch (error) {
      const { code, reason, retryAfterSeconds } = errorFactsOf(error);
      const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      // Without a reason it is no answer of the server, but a proxy's, or a café's sign-in page.
      if (code === undefined || reason === undefined) return { state: "later", ...wait };
      if (REFUSALS.has(code))
        return { state: "refused", code, reason, message: (error as Error).message };
      if (code !== "INTERNAL_SERVER_ERROR") return { state: "later", ...wait };
      this.#failures += 1;
      return this.#failures < FAILURES_MAX ? { state: "later", ...wait } : { state: "failed" };
    }
  }

  /** Keeps outcomes, then tells of them; returns an end when some changes have to wait. */
  async #keep(
    changes: readonly QueuedChange[],
    outcomes: readonly SentOutcome[],
  ): Promise<PassEnd | undefined> {
    const lane = this.#lane.name;
    const events: ChangeEvent[] = [];
    let end: PassEnd | undefined;
    changes.forEach(({ id }, place) => {
      const outcome = outcomes[place];
      if (outcome?.state === "later") end ??= outcome;
      else if (outcome !== undefined) events.push({ id, lane, outcome });
    });
    const refusals = events.flatMap(({ id, outcome }) =>
      outcome.state === "refused" ? [{ id, code: outcome.code, message: outcome.message }] : [],
    );
    const accepted = events.flatMap(({ id, outcome }) =>
      outcome.state === "accepted" ? [id] : [],
    );
    if (refusals.length > 0) await this.#storage.refuse(lane, refusals);
    if (accepted.length > 0) await this.#storage.remove(lane, accepted);
    for (const event of events) this.#tell(event);
    return end;
  }
}
