import type { HalalStorage, QueuedChange, RefusedChange } from "../storage/storage.ts";
import type { Lane } from "./lane.ts";
import { type ChangeEvent, LaneSender, type PassEnd } from "./lane-sender.ts";

/** The first wait after a call that got no answer, and the longest. Units: seconds. */
const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 300;
/** Waits differ by up to this share, because many phones lose a server at the same moment. */
const JITTER = 0.25;

/** A pass that comes early sends nothing; a timer takes no longer times than some days. Units: seconds. */
const TIMER_MAX_SECONDS = 3_600;

/** The parts of the queue. */
export interface QueueOptions {
  readonly storage: HalalStorage;
  readonly lanes: readonly Lane[];
  /** The user who is signed in; null for a guest. */
  readonly owner: () => Promise<string | null>;
  readonly nowMs: () => number;
}

interface LaneState {
  readonly sender: LaneSender;
  /** The server has asked to be left alone until then. Units: Unix milliseconds. */
  heldUntilMs: number;
}

/**
 * Sends queued changes, lane by lane, in the order in which they were made: one call at a time, and the next one only
 * when all before it have an outcome. A change may be sent twice, when its answer was lost or the process has ended
 * before it was kept; its id makes that one change for the server.
 */
export class ChangeQueue {
  readonly #options: QueueOptions;
  readonly #lanes: readonly LaneState[];
  readonly #listeners = new Set<(event: ChangeEvent) => void>();
  #pass: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Passes in a row that have left something. */
  #attempts = 0;
  #isClosed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    const tell = (event: ChangeEvent) => this.#tell(event);
    this.#lanes = options.lanes.map((lane) => ({
      sender: new LaneSender(lane, options.storage, tell),
      heldUntilMs: 0,
    }));
  }

  /** Keeps a change; when this resolves it survives the end of the process. */
  append(change: QueuedChange): Promise<void> {
    return this.#options.storage.append([change]);
  }

  /**
   * Sends what waits, and resolves when all of it has an outcome or nothing more can be sent now. Never rejects. A wait
   * that the server has asked for is kept; without one, and offline, the queue tries again by itself.
   */
  flush(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    if (this.#pass === undefined) {
      this.#pass = this.#runPass().finally(() => {
        this.#pass = undefined;
      });
      return this.#pass;
    }
    // A change that came after the pass has looked at its lane needs another one.
    this.#next ??= this.#pass.then(() => {
      this.#next = undefined;
      return this.flush();
    });
    return this.#next;
  }

  /** Calls back for each change that gets an outcome; returns what ends that. */
  subscribe(listener: (event: ChangeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many changes wait to be sent. */
  countWaiting(): Promise<number> {
    return this.#options.storage.countWaiting();
  }

  /** The changes that the server has refused, and why; they stay until `discard` or `retry`. */
  async refused(): Promise<readonly RefusedChange[]> {
    return this.#options.storage.refused(await this.#options.owner());
  }

  /** Forgets a refused change. */
  discard({ lane, id }: Pick<QueuedChange, "lane" | "id">): Promise<void> {
    return this.#options.storage.remove(lane, [id]);
  }

  /** Sends a refused change once more. */
  async retry({ lane, id }: Pick<QueuedChange, "lane" | "id">): Promise<void> {
    await this.#options.storage.retry(lane, id);
    await this.flush();
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #runPass(): Promise<void> {
    clearTimeout(this.#timer);
    const waits: (number | undefined)[] = [];
    try {
      const owner = await this.#options.owner();
      // A guest's changes wait for somebody to sign in, and the app then calls `flush`.
      if (owner !== null)
        for (const lane of this.#lanes) {
          const end = await this.#sendLane(lane, owner);
          if (end.state === "later") waits.push(end.retryAfterSeconds);
        }
    } catch {
      // Storage or `getToken` failed; the changes are still there.
      waits.push(undefined);
    }
    if (waits.length === 0) this.#attempts = 0;
    else this.#tryLater(waits);
  }

  async #sendLane(lane: LaneState, owner: string): Promise<PassEnd> {
    const { nowMs } = this.#options;
    const heldMs = lane.heldUntilMs - nowMs();
    if (heldMs > 0) return { state: "later", retryAfterSeconds: heldMs / 1000 };
    const end = await lane.sender.sendAll(owner, () => this.#isClosed);
    if (end.state === "later" && end.retryAfterSeconds !== undefined)
      lane.heldUntilMs = nowMs() + end.retryAfterSeconds * 1000;
    return end;
  }

  /** Units: seconds; undefined where nobody has said how long. */
  #tryLater(waits: readonly (number | undefined)[]): void {
    if (this.#isClosed) return;
    const doubled = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** this.#attempts);
    const seconds = Math.min(...waits.map((wait) => wait ?? doubled));
    this.#attempts += 1;
    const waitMs = Math.min(seconds, TIMER_MAX_SECONDS) * 1000 * (1 + Math.random() * JITTER);
    this.#timer = setTimeout(() => void this.flush(), waitMs);
  }

  #tell(event: ChangeEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A listener's fault must not stop the queue.
      }
    }
  }
}
